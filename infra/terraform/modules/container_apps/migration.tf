resource "azurerm_container_app_job" "migrate" {
  name                         = "caj-${var.name}-migrate"
  location                     = var.location
  resource_group_name          = var.resource_group_name
  container_app_environment_id = azurerm_container_app_environment.this.id
  workload_profile_name        = "Consumption"
  replica_timeout_in_seconds   = 1800
  # Migrations wait for each other and do nothing twice.
  replica_retry_limit = 1
  tags                = var.tags

  manual_trigger_config {
    parallelism              = 1
    replica_completion_count = 1
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [var.identities["migrate"].id]
  }

  dynamic "registry" {
    for_each = var.container_registry_server[*]

    content {
      server   = registry.value
      identity = var.identities["migrate"].id
    }
  }

  dynamic "secret" {
    for_each = var.database_url_secrets

    content {
      name                = "database-${secret.key}-url"
      identity            = var.identities["migrate"].id
      key_vault_secret_id = secret.value.uri
    }
  }

  template {
    container {
      name   = "migrate"
      image  = var.image
      args   = ["migrate"]
      cpu    = 0.25
      memory = "0.5Gi"

      # It makes the two logins of the processes from their connection strings.
      dynamic "env" {
        for_each = var.database_url_secrets

        content {
          name        = "DATABASE_${upper(env.key)}_URL"
          secret_name = "database-${env.key}-url"
        }
      }

      dynamic "env" {
        for_each = local.common_variables

        content {
          name  = env.key
          value = env.value
        }
      }
    }
  }
}

# The schema is there before anything that needs it, and new before the image that needs it new.
resource "terraform_data" "migration" {
  count = var.run_migrations ? 1 : 0

  triggers_replace = [azurerm_container_app_job.migrate.id, var.image, var.password_version]

  provisioner "local-exec" {
    command     = "\"$SCRIPT\""
    interpreter = ["/bin/sh", "-c"]
    environment = {
      SCRIPT         = abspath("${path.module}/run-job.sh")
      SUBSCRIPTION   = var.subscription_id
      RESOURCE_GROUP = var.resource_group_name
      JOB            = azurerm_container_app_job.migrate.name
    }
  }
}
