locals {
  subnet_ids = {
    api     = azurerm_subnet.api.id
    db      = azurerm_subnet.db.id
    storage = azurerm_subnet.storage.id
    app     = azurerm_subnet.app.id
  }

  # One line a rule: subnet, direction, priority, what it does, protocol, from, to, ports. What no rule allows is denied
  # between subnets; the defaults of Azure stay where the last rule of a subnet does not deny.
  rules = {
    api-in-https  = { subnet = "api", direction = "Inbound", priority = 100, access = "Allow", protocol = "Tcp", source = "VirtualNetwork", target = var.subnets.api, ports = ["443"] }
    api-in-nobody = { subnet = "api", direction = "Inbound", priority = 4096, access = "Deny", protocol = "*", source = "VirtualNetwork", target = "*", ports = ["*"] }

    db-in-app    = { subnet = "db", direction = "Inbound", priority = 100, access = "Allow", protocol = "Tcp", source = var.subnets.app, target = var.subnets.db, ports = ["5432"] }
    db-in-itself = { subnet = "db", direction = "Inbound", priority = 110, access = "Allow", protocol = "Tcp", source = var.subnets.db, target = var.subnets.db, ports = ["5432", "6432"] }
    db-in-nobody = { subnet = "db", direction = "Inbound", priority = 4096, access = "Deny", protocol = "*", source = "VirtualNetwork", target = "*", ports = ["*"] }

    storage-in-app    = { subnet = "storage", direction = "Inbound", priority = 100, access = "Allow", protocol = "Tcp", source = var.subnets.app, target = var.subnets.storage, ports = ["443"] }
    storage-in-nobody = { subnet = "storage", direction = "Inbound", priority = 4096, access = "Deny", protocol = "*", source = "VirtualNetwork", target = "*", ports = ["*"] }

    # What Container Apps asks for: https://learn.microsoft.com/azure/container-apps/firewall-integration
    app-in-https   = { subnet = "app", direction = "Inbound", priority = 100, access = "Allow", protocol = "Tcp", source = "VirtualNetwork", target = var.subnets.app, ports = ["443", "31443"] }
    app-in-probes  = { subnet = "app", direction = "Inbound", priority = 110, access = "Allow", protocol = "Tcp", source = "AzureLoadBalancer", target = var.subnets.app, ports = ["30000-32767"] }
    app-in-itself  = { subnet = "app", direction = "Inbound", priority = 120, access = "Allow", protocol = "*", source = var.subnets.app, target = var.subnets.app, ports = ["*"] }
    app-in-nobody  = { subnet = "app", direction = "Inbound", priority = 4096, access = "Deny", protocol = "*", source = "VirtualNetwork", target = "*", ports = ["*"] }
    app-out-itself = { subnet = "app", direction = "Outbound", priority = 100, access = "Allow", protocol = "*", source = var.subnets.app, target = var.subnets.app, ports = ["*"] }
    app-out-dns    = { subnet = "app", direction = "Outbound", priority = 110, access = "Allow", protocol = "*", source = var.subnets.app, target = "168.63.129.16/32", ports = ["53"] }
    app-out-db     = { subnet = "app", direction = "Outbound", priority = 120, access = "Allow", protocol = "Tcp", source = var.subnets.app, target = var.subnets.db, ports = ["5432"] }
    app-out-data   = { subnet = "app", direction = "Outbound", priority = 130, access = "Allow", protocol = "Tcp", source = var.subnets.app, target = var.subnets.storage, ports = ["443"] }
    # Resource Manager, Entra ID, Monitor, the price list and the registry; the price list has no service tag.
    app-out-https  = { subnet = "app", direction = "Outbound", priority = 140, access = "Allow", protocol = "Tcp", source = var.subnets.app, target = "Internet", ports = ["443"] }
    app-out-nobody = { subnet = "app", direction = "Outbound", priority = 4096, access = "Deny", protocol = "*", source = "*", target = "*", ports = ["*"] }
  }
}

resource "azurerm_network_security_group" "this" {
  for_each = toset(keys(local.subnet_ids))

  name                = "nsg-${var.name}-${each.key}"
  location            = var.location
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_network_security_rule" "this" {
  for_each = local.rules

  name                        = each.key
  resource_group_name         = var.resource_group_name
  network_security_group_name = azurerm_network_security_group.this[each.value.subnet].name
  direction                   = each.value.direction
  priority                    = each.value.priority
  access                      = each.value.access
  protocol                    = each.value.protocol
  source_port_range           = "*"
  source_address_prefix       = each.value.source
  destination_address_prefix  = each.value.target
  destination_port_range      = length(each.value.ports) == 1 ? each.value.ports[0] : null
  destination_port_ranges     = length(each.value.ports) == 1 ? null : each.value.ports
}

resource "azurerm_subnet_network_security_group_association" "this" {
  for_each = local.subnet_ids

  subnet_id                 = each.value
  network_security_group_id = azurerm_network_security_group.this[each.key].id

  # A subnet gets its rules at once, not a group that still lets everything through.
  depends_on = [azurerm_network_security_rule.this]
}
