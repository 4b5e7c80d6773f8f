mock_provider "azurerm" {}
mock_provider "time" {}

variables {
  name                = "azcops-test"
  suffix              = "00000"
  location            = "westeurope"
  resource_group_name = "rg-azcops-test"
  tenant_id           = "10000000-0000-0000-0000-000000000000"
  subnet_id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/storage"
  private_dns_zone_id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net"
  secret_writers      = { terraform = "20000000-0000-0000-0000-000000000000" }
}

run "is_private_and_cannot_be_purged_unless_asked_otherwise" {
  command = plan

  assert {
    condition     = azurerm_key_vault.this.public_network_access_enabled == false && azurerm_key_vault.this.purge_protection_enabled && azurerm_key_vault.this.rbac_authorization_enabled
    error_message = "The vault is open, can be purged, or is governed by access policies."
  }
}

run "opens_for_the_named_addresses_alone" {
  command = plan
  variables { allowed_ip_ranges = ["203.0.113.7"] }

  assert {
    condition     = azurerm_key_vault.this.network_acls[0].default_action == "Deny" && azurerm_key_vault.this.network_acls[0].ip_rules == toset(["203.0.113.7"])
    error_message = "Other addresses reach the vault."
  }
}

run "refuses_the_whole_internet" {
  command = plan
  variables { allowed_ip_ranges = ["0.0.0.0/0"] }
  expect_failures = [var.allowed_ip_ranges]
}

run "refuses_a_vault_that_nobody_can_fill" {
  command = plan
  variables { secret_writers = {} }
  expect_failures = [var.secret_writers]
}

run "refuses_a_retention_that_azure_does_not_have" {
  command = plan
  variables { soft_delete_retention_days = 3 }
  expect_failures = [var.soft_delete_retention_days]
}
