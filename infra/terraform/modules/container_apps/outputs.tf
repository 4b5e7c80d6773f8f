output "environment_id" {
  description = "Resource id of the environment, for diagnostic settings."
  value       = azurerm_container_app_environment.this.id
}

output "api_url" {
  description = "Where the API answers."
  value       = "https://${azurerm_container_app.api.ingress[0].fqdn}"
}

output "job_names" {
  description = "Jobs by what they do, for az containerapp job start: migrate, full, incremental, doctor."
  value       = merge({ migrate = azurerm_container_app_job.migrate.name }, { for key, job in azurerm_container_app_job.ingestion : key => job.name })
}

output "outbound_ip_addresses" {
  description = "Addresses that AzCops calls Azure from."
  value       = azurerm_container_app.ingestion.outbound_ip_addresses
}
