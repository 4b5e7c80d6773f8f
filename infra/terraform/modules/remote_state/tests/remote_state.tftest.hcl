mock_provider "azurerm" {}

variables {
  name                = "azcops"
  suffix              = "00000"
  location            = "westeurope"
  resource_group_name = "rg-azcops"
  contributors        = { terraform = "20000000-0000-0000-0000-000000000000" }
}

run "keeps_versions_and_takes_no_keys" {
  command = plan

  assert {
    condition     = azurerm_storage_account.this.blob_properties[0].versioning_enabled && !azurerm_storage_account.this.shared_access_key_enabled
    error_message = "A broken state cannot be put back, or a key opens it."
  }
}

run "refuses_ranges_that_storage_does_not_take" {
  command = plan
  variables { allowed_ip_ranges = ["203.0.113.7/32"] }
  expect_failures = [var.allowed_ip_ranges]
}
