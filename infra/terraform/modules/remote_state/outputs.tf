output "backend_configuration" {
  description = "Content of backend.hcl, apart from the key, which each environment chooses."
  value       = <<-EOT
    storage_account_name = "${azurerm_storage_account.this.name}"
    container_name       = "${azurerm_storage_container.tfstate.name}"
    use_azuread_auth     = true
  EOT
}
