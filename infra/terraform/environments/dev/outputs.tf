output "api_url" {
  description = "Where the API answers; /docs describes it."
  value       = module.container_apps.api_url
}

output "resource_group_name" {
  description = "Everything is in here."
  value       = module.resource_group.name
}

output "job_names" {
  description = "Jobs by what they do, for az containerapp job start."
  value       = module.container_apps.job_names
}

output "ingestion_principal_id" {
  description = "Identity that reads Azure, to grant it Reader, Cost Management Reader and Monitoring Reader elsewhere."
  value       = module.identity.identities["ingestion"].principal_id
}

output "outbound_ip_addresses" {
  description = "Addresses that AzCops calls Azure from."
  value       = module.container_apps.outbound_ip_addresses
}

output "key_vault_name" {
  description = "Vault with the database logins."
  value       = module.keyvault.name
}

output "postgresql_fqdn" {
  description = "Database host, resolvable in the network alone."
  value       = module.postgresql.fqdn
}

output "log_analytics_workspace_id" {
  description = "Workspace for az monitor log-analytics query --workspace."
  value       = module.monitoring.workspace_customer_id
}
