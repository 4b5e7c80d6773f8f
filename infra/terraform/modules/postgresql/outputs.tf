output "id" {
  description = "Resource id of the server, for diagnostic settings."
  value       = azurerm_postgresql_flexible_server.this.id
}

output "name" {
  description = "Name of the server, for az postgres flexible-server."
  value       = azurerm_postgresql_flexible_server.this.name
}

output "fqdn" {
  description = "Host name, resolvable in the network alone."
  value       = azurerm_postgresql_flexible_server.this.fqdn
}

output "database_url_secrets" {
  description = "The secrets with the connection strings of owner, api and worker: uri for references, id for role assignments. Never a value."
  value = {
    for key, secret in azurerm_key_vault_secret.database_url : key => {
      uri = secret.versionless_id
      id  = secret.resource_versionless_id
    }
  }
}

output "password_version" {
  description = "Grows with every change of the passwords; the migration has to run again then."
  value       = var.password_version

  # It must not run before the database is there and speaks TLS as configured.
  depends_on = [azurerm_postgresql_flexible_server_database.this, azurerm_postgresql_flexible_server_configuration.this]
}
