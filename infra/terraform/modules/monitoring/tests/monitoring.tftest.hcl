mock_provider "azurerm" {}
mock_provider "time" {}

variables {
  name                  = "azcops-test"
  location              = "westeurope"
  resource_group_name   = "rg-azcops-test"
  resource_group_id     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-azcops-test"
  budget_amount         = 200
  budget_contact_emails = ["finops@example.com"]
  diagnostics = {
    keyvault = { resource_id = "vault", logs = ["AuditEvent"], metrics = false }
  }
}

run "watches_its_own_costs" {
  command = plan

  assert {
    condition     = toset([for notification in azurerm_consumption_budget_resource_group.this.notification : "${notification.threshold_type} ${notification.threshold}"]) == toset(["Actual 50", "Actual 80", "Actual 100", "Forecasted 100"])
    error_message = "Somebody is told too late."
  }
}

run "keeps_the_logs_that_were_named" {
  command = plan

  assert {
    condition     = [for log in azurerm_monitor_diagnostic_setting.this["keyvault"].enabled_log : log.category] == ["AuditEvent"] && length(azurerm_monitor_diagnostic_setting.this["keyvault"].enabled_metric) == 0
    error_message = "Other logs than the named ones are kept."
  }
}

run "refuses_a_budget_that_tells_nobody" {
  command = plan
  variables { budget_contact_emails = [] }
  expect_failures = [var.budget_contact_emails]
}

run "refuses_a_retention_that_log_analytics_does_not_have" {
  command = plan
  variables { retention_in_days = 7 }
  expect_failures = [var.retention_in_days]
}
