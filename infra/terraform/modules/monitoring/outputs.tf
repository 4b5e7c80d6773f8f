output "workspace_id" {
  description = "Resource id of the Log Analytics workspace."
  value       = azurerm_log_analytics_workspace.this.id
}

output "workspace_customer_id" {
  description = "Workspace id for queries: az monitor log-analytics query --workspace."
  value       = azurerm_log_analytics_workspace.this.workspace_id
}
