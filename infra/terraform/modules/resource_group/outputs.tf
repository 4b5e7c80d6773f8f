output "id" {
  description = "Resource id, the scope of the budget."
  value       = azurerm_resource_group.this.id
}

output "name" {
  description = "Name, for all other modules."
  value       = azurerm_resource_group.this.name
}

output "location" {
  description = "Region, for all other modules."
  value       = azurerm_resource_group.this.location
}
