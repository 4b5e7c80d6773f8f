resource "azurerm_key_vault" "this" {
  name                          = "kv-${var.name}-${var.suffix}"
  location                      = var.location
  resource_group_name           = var.resource_group_name
  tenant_id                     = var.tenant_id
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = var.purge_protection_enabled
  soft_delete_retention_days    = var.soft_delete_retention_days
  public_network_access_enabled = length(var.allowed_ip_ranges) > 0
  tags                          = var.tags

  network_acls {
    default_action = "Deny"
    # Container Apps reads through the private endpoint and is no trusted service; nothing else has to.
    bypass   = "None"
    ip_rules = var.allowed_ip_ranges
  }
}

resource "azurerm_private_endpoint" "this" {
  name                          = "pep-${var.name}-keyvault"
  location                      = var.location
  resource_group_name           = var.resource_group_name
  subnet_id                     = var.subnet_id
  custom_network_interface_name = "nic-${var.name}-keyvault"
  tags                          = var.tags

  private_service_connection {
    name                           = "keyvault"
    private_connection_resource_id = azurerm_key_vault.this.id
    subresource_names              = ["vault"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "keyvault"
    private_dns_zone_ids = [var.private_dns_zone_id]
  }
}

resource "azurerm_role_assignment" "secret_writer" {
  for_each = var.secret_writers

  scope                = azurerm_key_vault.this.id
  role_definition_name = "Key Vault Secrets Officer"
  principal_id         = each.value
}

# Rights take a while to reach the vault, and the first secret is written right after this.
resource "time_sleep" "rights" {
  create_duration = "90s"
  triggers        = { assignments = join(",", sort([for assignment in azurerm_role_assignment.secret_writer : assignment.id])) }
}
