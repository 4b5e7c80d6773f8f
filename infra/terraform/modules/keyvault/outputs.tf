output "id" {
  description = "Resource id, once secrets can be written and read."
  value       = azurerm_key_vault.this.id
  depends_on  = [time_sleep.rights, azurerm_private_endpoint.this]
}

output "name" {
  description = "Name, for az keyvault."
  value       = azurerm_key_vault.this.name
}
