mock_provider "azurerm" {}
mock_provider "time" {}

variables {
  name                = "azcops-test"
  location            = "westeurope"
  resource_group_name = "rg-azcops-test"
  reader_scopes       = ["/subscriptions/00000000-0000-0000-0000-000000000001", "/providers/Microsoft.Management/managementGroups/contoso"]
  raw_container_id    = "raw"
  database_url_secrets = {
    owner  = { id = "owner" }
    api    = { id = "api" }
    worker = { id = "worker" }
  }
}

run "reads_and_nothing_else" {
  command = plan

  assert {
    condition     = toset([for assignment in azurerm_role_assignment.reader : assignment.role_definition_name]) == toset(["Reader", "Cost Management Reader", "Monitoring Reader"]) && length(azurerm_role_assignment.reader) == 6
    error_message = "Ingestion has other roles than the three that doctor asks for, at each scope."
  }

  assert {
    condition     = azurerm_role_assignment.raw_writer.scope == "raw"
    error_message = "Ingestion may write elsewhere than into the raw container."
  }
}

run "shows_the_owner_login_to_the_migration_alone" {
  command = plan

  assert {
    condition     = [for key, assignment in azurerm_role_assignment.secret_reader : key if assignment.scope == "owner"] == ["migrate-owner"]
    error_message = "A process sees the owner's login."
  }

  assert {
    condition     = toset([for key, assignment in azurerm_role_assignment.secret_reader : assignment.scope if !startswith(key, "migrate-")]) == toset(["api", "worker"]) && length(azurerm_role_assignment.secret_reader) == 5
    error_message = "A process sees another's login."
  }
}

run "pulls_no_public_image_with_rights" {
  command = plan

  assert {
    condition     = length(azurerm_role_assignment.image_puller) == 0
    error_message = "Rights on a registry without a registry."
  }
}

run "refuses_a_resource_group_as_scope" {
  command = plan
  variables { reader_scopes = ["/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"] }
  expect_failures = [var.reader_scopes]
}

run "refuses_to_read_nothing" {
  command = plan
  variables { reader_scopes = [] }
  expect_failures = [var.reader_scopes]
}
