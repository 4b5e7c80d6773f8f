output "virtual_network_id" {
  description = "The virtual network, to peer it or to link further zones."
  value       = azurerm_virtual_network.this.id
}

output "subnet_ids" {
  description = "Subnets by name: api, db, storage, app."
  value       = local.subnet_ids

  # Whatever moves in finds the rules in force.
  depends_on = [azurerm_subnet_network_security_group_association.this]
}

output "private_dns_zone_ids" {
  description = "Private DNS zones by service: postgresql, blob, dfs, keyvault."
  value       = { for key, zone in azurerm_private_dns_zone.this : key => zone.id }

  # PostgreSQL refuses a zone that its network cannot resolve.
  depends_on = [azurerm_private_dns_zone_virtual_network_link.this]
}
