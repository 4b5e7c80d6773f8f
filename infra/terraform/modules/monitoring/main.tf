resource "azurerm_log_analytics_workspace" "this" {
  name                         = "log-${var.name}"
  location                     = var.location
  resource_group_name          = var.resource_group_name
  sku                          = "PerGB2018"
  retention_in_days            = var.retention_in_days
  daily_quota_gb               = var.daily_quota_gb
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_monitor_diagnostic_setting" "this" {
  for_each = var.diagnostics

  name                       = "log-analytics"
  target_resource_id         = each.value.resource_id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.this.id

  dynamic "enabled_log" {
    for_each = toset(each.value.logs)

    content {
      category = enabled_log.value
    }
  }

  dynamic "enabled_metric" {
    for_each = each.value.metrics ? ["AllMetrics"] : []

    content {
      category = enabled_metric.value
    }
  }
}

# A budget begins in the month in which it is made, and cannot be moved.
resource "time_static" "created" {}

resource "azurerm_consumption_budget_resource_group" "this" {
  name              = "budget-${var.name}"
  resource_group_id = var.resource_group_id
  amount            = var.budget_amount
  time_grain        = "Monthly"

  time_period {
    start_date = formatdate("YYYY-MM-01'T'00:00:00'Z'", time_static.created.rfc3339)
  }

  dynamic "notification" {
    for_each = {
      half       = { type = "Actual", threshold = 50 }
      most       = { type = "Actual", threshold = 80 }
      all        = { type = "Actual", threshold = 100 }
      forecasted = { type = "Forecasted", threshold = 100 }
    }

    content {
      operator       = "GreaterThanOrEqualTo"
      threshold      = notification.value.threshold
      threshold_type = notification.value.type
      contact_emails = var.budget_contact_emails
    }
  }
}
