locals {
  # Windows that wait or are in work, and plans to be made; windows that wait for a quota until later wake nobody.
  queue_length = <<-SQL
    SELECT count(*) FROM pgboss.job
    WHERE name IN ('ingestion-plan', 'ingestion-window')
      AND (state = 'active' OR state IN ('created', 'retry') AND start_after <= now())
  SQL

  jobs = {
    full        = { args = ["ingestion", "full"], schedule = var.schedules.full, timeout = 6 * 3600 }
    incremental = { args = ["ingestion", "incremental"], schedule = var.schedules.incremental, timeout = 3600 }
    doctor      = { args = ["ingestion", "doctor"], schedule = null, timeout = 600 }
  }
}

resource "azurerm_container_app" "ingestion" {
  name                         = "ca-${var.name}-ingestion"
  resource_group_name          = var.resource_group_name
  container_app_environment_id = azurerm_container_app_environment.this.id
  revision_mode                = "Single"
  workload_profile_name        = "Consumption"
  max_inactive_revisions       = 5
  tags                         = var.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [var.identities["ingestion"].id]
  }

  dynamic "registry" {
    for_each = var.container_registry_server[*]

    content {
      server   = registry.value
      identity = var.identities["ingestion"].id
    }
  }

  secret {
    name                = "database-url"
    identity            = var.identities["ingestion"].id
    key_vault_secret_id = var.database_url_secrets.worker.uri
  }

  template {
    min_replicas = var.ingestion.min_replicas
    max_replicas = var.ingestion.max_replicas
    # A worker gives its windows back within 25 seconds of SIGTERM.
    termination_grace_period_seconds = 40
    polling_interval_in_seconds      = 30
    cooldown_period_in_seconds       = 300

    custom_scale_rule {
      name             = "queue-length"
      custom_rule_type = "postgresql"
      metadata = {
        query                      = trimspace(replace(local.queue_length, "/\\s+/", " "))
        targetQueryValue           = tostring(var.ingestion.concurrency)
        activationTargetQueryValue = "0"
      }

      authentication {
        secret_name       = "database-url"
        trigger_parameter = "connection"
      }
    }

    container {
      name   = "ingestion"
      image  = var.image
      args   = ["ingestion"]
      cpu    = var.ingestion.cpu
      memory = var.ingestion.memory

      env {
        name        = "DATABASE_URL"
        secret_name = "database-url"
      }

      dynamic "env" {
        for_each = local.ingestion_variables

        content {
          name  = env.key
          value = env.value
        }
      }

      # Its metrics are all that a worker listens for; that they answer means that it is not stuck.
      startup_probe {
        transport               = "TCP"
        port                    = local.metrics_port
        interval_seconds        = 5
        failure_count_threshold = 30
      }

      liveness_probe {
        transport               = "TCP"
        port                    = local.metrics_port
        interval_seconds        = 30
        timeout                 = 5
        failure_count_threshold = 5
      }
    }
  }

  depends_on = [terraform_data.migration]
}

resource "azurerm_container_app_job" "ingestion" {
  for_each = local.jobs

  name                         = "caj-${var.name}-${each.key}"
  location                     = var.location
  resource_group_name          = var.resource_group_name
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "Consumption"
  # A run outlives its job: what is open then is finished by workers. A failed one is looked at, not repeated.
  replica_timeout_in_seconds = each.value.timeout
  replica_retry_limit        = 0
  tags                       = var.tags

  dynamic "schedule_trigger_config" {
    for_each = each.value.schedule[*]

    content {
      cron_expression          = schedule_trigger_config.value
      parallelism              = 1
      replica_completion_count = 1
    }
  }

  dynamic "manual_trigger_config" {
    for_each = each.value.schedule == null ? [1] : []

    content {
      parallelism              = 1
      replica_completion_count = 1
    }
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [var.identities["ingestion"].id]
  }

  dynamic "registry" {
    for_each = var.container_registry_server[*]

    content {
      server   = registry.value
      identity = var.identities["ingestion"].id
    }
  }

  secret {
    name                = "database-url"
    identity            = var.identities["ingestion"].id
    key_vault_secret_id = var.database_url_secrets.worker.uri
  }

  template {
    container {
      name   = each.key
      image  = var.image
      args   = each.value.args
      cpu    = var.ingestion.cpu
      memory = var.ingestion.memory

      env {
        name        = "DATABASE_URL"
        secret_name = "database-url"
      }

      dynamic "env" {
        for_each = local.ingestion_variables

        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }

  depends_on = [terraform_data.migration]
}
