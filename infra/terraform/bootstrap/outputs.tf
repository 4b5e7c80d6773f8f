output "backend_configuration" {
  description = "Content of backend.hcl of every environment."
  value       = module.remote_state.backend_configuration
}

output "container_registry_id" {
  description = "container_registry_id of every environment."
  value       = azurerm_container_registry.this.id
}

output "container_registry_name" {
  description = "For az acr build."
  value       = azurerm_container_registry.this.name
}

output "image_repository" {
  description = "What the image of every environment begins with; a version follows after a colon."
  value       = "${azurerm_container_registry.this.login_server}/azcops"
}
