mock_provider "azurerm" {}

variables {
  name     = "azcops-test"
  location = "westeurope"
}

run "names_the_group_after_the_environment" {
  command = plan

  assert {
    condition     = azurerm_resource_group.this.name == "rg-azcops-test"
    error_message = "The group is called ${azurerm_resource_group.this.name}."
  }
}

run "refuses_a_display_name_as_region" {
  command = plan
  variables { location = "West Europe" }
  expect_failures = [var.location]
}

run "refuses_a_name_that_does_not_fit_into_others" {
  command = plan
  variables { name = "azcops-production-west" }
  expect_failures = [var.name]
}
