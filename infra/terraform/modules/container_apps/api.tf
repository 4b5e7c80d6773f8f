resource "azurerm_container_app" "api" {
  name                         = "ca-${var.name}-api"
  resource_group_name          = var.resource_group_name
  container_app_environment_id = azurerm_container_app_environment.this.id
  revision_mode                = "Single"
  workload_profile_name        = "Consumption"
  max_inactive_revisions       = 5
  tags                         = var.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [var.identities["api"].id]
  }

  dynamic "registry" {
    for_each = var.container_registry_server[*]

    content {
      server   = registry.value
      identity = var.identities["api"].id
    }
  }

  secret {
    name                = "database-url"
    identity            = var.identities["api"].id
    key_vault_secret_id = var.database_url_secrets.api.uri
  }

  ingress {
    # Of the environment, which is itself internal or not.
    external_enabled           = true
    allow_insecure_connections = false
    target_port                = local.api_port
    transport                  = "http"

    dynamic "ip_security_restriction" {
      for_each = { for range in var.allowed_ip_ranges : replace(replace(range, "/", "-"), ".", "-") => range }

      content {
        name             = ip_security_restriction.key
        action           = "Allow"
        ip_address_range = ip_security_restriction.value
      }
    }

    traffic_weight {
      latest_revision = true
      percentage      = 100
    }
  }

  template {
    min_replicas = var.api.min_replicas
    max_replicas = var.api.max_replicas
    # It finishes what it was asked within 30 seconds of SIGTERM.
    termination_grace_period_seconds = 40

    http_scale_rule {
      name                = "requests"
      concurrent_requests = "50"
    }

    container {
      name   = "api"
      image  = var.image
      args   = ["api"]
      cpu    = var.api.cpu
      memory = var.api.memory

      env {
        name        = "DATABASE_URL"
        secret_name = "database-url"
      }

      dynamic "env" {
        for_each = local.api_variables

        content {
          name  = env.key
          value = env.value
        }
      }

      startup_probe {
        transport               = "HTTP"
        port                    = local.api_port
        path                    = "/health/live"
        interval_seconds        = 2
        failure_count_threshold = 30
      }

      liveness_probe {
        transport        = "HTTP"
        port             = local.api_port
        path             = "/health/live"
        interval_seconds = 10
        timeout          = 5
      }

      readiness_probe {
        transport               = "HTTP"
        port                    = local.api_port
        path                    = "/health/ready"
        interval_seconds        = 5
        timeout                 = 5
        success_count_threshold = 1
      }
    }
  }

  depends_on = [terraform_data.migration]
}
