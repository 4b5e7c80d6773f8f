mock_provider "azurerm" {}

variables {
  name                = "azcops-test"
  suffix              = "00000"
  location            = "westeurope"
  resource_group_name = "rg-azcops-test"
  subnet_id           = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/storage"
  private_dns_zone_ids = {
    blob = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
    dfs  = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/privatelink.dfs.core.windows.net"
  }
}

run "is_a_lake_that_only_entra_id_opens" {
  command = plan

  assert {
    condition     = azurerm_storage_account.this.is_hns_enabled && azurerm_storage_account.this.min_tls_version == "TLS1_2"
    error_message = "The account has no hierarchical namespace or takes old TLS."
  }

  assert {
    condition     = !azurerm_storage_account.this.shared_access_key_enabled && !azurerm_storage_account.this.local_user_enabled && !azurerm_storage_account.this.public_network_access_enabled
    error_message = "There is a way into the account besides Entra ID and the private endpoints."
  }
}

run "keeps_raw_pages_for_ever_unless_asked_otherwise" {
  command = plan
  variables { delete_after_days = 400 }

  assert {
    condition     = azurerm_storage_management_policy.this.rule[0].actions[0].base_blob[0].delete_after_days_since_modification_greater_than == 400
    error_message = "The pages are not deleted when they were asked to be."
  }
}

run "refuses_to_delete_pages_before_they_cooled" {
  command = plan
  variables { delete_after_days = 40 }
  expect_failures = [var.delete_after_days]
}
