output "account_id" {
  description = "Resource id of the account, for diagnostic settings."
  value       = azurerm_storage_account.this.id
}

output "raw_container_id" {
  description = "Resource id of the raw container, the scope of the writer's role."
  value       = azurerm_storage_container.raw.id
}

output "raw_storage_url" {
  description = "RAW_STORAGE_URL of ingestion."
  value       = "abfss://${azurerm_storage_container.raw.name}@${azurerm_storage_account.this.primary_dfs_host}"
  depends_on  = [azurerm_private_endpoint.this]
}
