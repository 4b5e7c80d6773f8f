mock_provider "azurerm" {}

variables {
  name                = "azcops-test"
  location            = "westeurope"
  resource_group_name = "rg-azcops-test"
}

run "gives_every_subnet_rules" {
  command = plan

  assert {
    condition     = toset(keys(azurerm_subnet_network_security_group_association.this)) == toset(["api", "app", "db", "storage"])
    error_message = "A subnet has no security group."
  }

  assert {
    condition     = toset([for rule in azurerm_network_security_rule.this : rule.network_security_group_name if rule.access == "Deny" && rule.direction == "Inbound" && rule.priority == 4096]) == toset([for key in ["api", "app", "db", "storage"] : "nsg-azcops-test-${key}"])
    error_message = "A security group does not end by denying what the network sends it."
  }
}

run "lets_only_apps_reach_the_database" {
  command = plan

  assert {
    condition     = alltrue([for rule in azurerm_network_security_rule.this : contains([var.subnets.app, var.subnets.db], rule.source_address_prefix) if rule.network_security_group_name == "nsg-azcops-test-db" && rule.access == "Allow"])
    error_message = "Something else than the apps and the database itself may reach the database."
  }
}

run "gives_no_subnet_a_way_out_by_default" {
  command = plan

  assert {
    condition     = !anytrue([for subnet in [azurerm_subnet.api, azurerm_subnet.app, azurerm_subnet.db, azurerm_subnet.storage] : subnet.default_outbound_access_enabled])
    error_message = "A subnet has default outbound access."
  }
}

run "resolves_the_lake_by_both_of_its_names" {
  command = plan

  assert {
    condition     = azurerm_private_dns_zone.this["blob"].name == "privatelink.blob.core.windows.net" && azurerm_private_dns_zone.this["dfs"].name == "privatelink.dfs.core.windows.net"
    error_message = "Data Lake Gen2 needs blob and dfs."
  }

  assert {
    condition     = toset(keys(azurerm_private_dns_zone_virtual_network_link.this)) == toset(keys(azurerm_private_dns_zone.this))
    error_message = "A zone is not linked to the network."
  }
}

run "refuses_a_range_without_length" {
  command = plan
  variables { address_space = "10.0.0.0" }
  expect_failures = [var.address_space]
}

run "refuses_a_subnet_too_small_for_container_apps" {
  command = plan
  variables {
    subnets = { api = "10.0.0.0/24", db = "10.0.1.0/24", storage = "10.0.2.0/24", app = "10.0.4.0/28" }
  }
  expect_failures = [var.subnets]
}
