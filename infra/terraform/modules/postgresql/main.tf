locals {
  server_name = "psql-${var.name}-${var.suffix}"
  database    = "azcops"
  logins = {
    owner  = "azcops_owner"
    api    = "azcops_api_login"
    worker = "azcops_worker_login"
  }
}

resource "azurerm_postgresql_flexible_server" "this" {
  name                              = local.server_name
  location                          = var.location
  resource_group_name               = var.resource_group_name
  version                           = var.postgresql_version
  sku_name                          = var.sku_name
  storage_mb                        = var.storage_mb
  auto_grow_enabled                 = true
  backup_retention_days             = var.backup_retention_days
  geo_redundant_backup_enabled      = var.geo_redundant_backup_enabled
  delegated_subnet_id               = var.delegated_subnet_id
  private_dns_zone_id               = var.private_dns_zone_id
  public_network_access_enabled     = false
  administrator_login               = local.logins.owner
  administrator_password_wo         = ephemeral.azurerm_key_vault_secret.owner_password.value
  administrator_password_wo_version = var.password_version
  tags                              = var.tags

  authentication {
    active_directory_auth_enabled = true
    # The processes sign in with passwords: AzCops reads a fixed connection string.
    password_auth_enabled = true
    tenant_id             = var.tenant_id
  }

  dynamic "high_availability" {
    for_each = var.zone_redundant ? ["ZoneRedundant"] : []

    content {
      mode = high_availability.value
    }
  }

  lifecycle {
    # Azure chooses the zone, and swaps both in a failover.
    ignore_changes = [zone, high_availability[0].standby_availability_zone]
  }
}

resource "azurerm_postgresql_flexible_server_active_directory_administrator" "this" {
  for_each = var.entra_administrators

  server_name         = azurerm_postgresql_flexible_server.this.name
  resource_group_name = var.resource_group_name
  tenant_id           = var.tenant_id
  object_id           = each.key
  principal_name      = each.value.name
  principal_type      = each.value.type
}

resource "azurerm_postgresql_flexible_server_configuration" "this" {
  for_each = {
    require_secure_transport     = "on"
    ssl_min_protocol_version     = "TLSv1.2"
    "connection_throttle.enable" = "on"
  }

  name      = each.key
  server_id = azurerm_postgresql_flexible_server.this.id
  value     = each.value
}

resource "azurerm_postgresql_flexible_server_database" "this" {
  name      = local.database
  server_id = azurerm_postgresql_flexible_server.this.id
  charset   = "UTF8"
  collation = "en_US.utf8"
}
