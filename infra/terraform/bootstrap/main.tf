data "azurerm_client_config" "current" {}

locals {
  name   = "azcops"
  suffix = substr(sha1("${var.subscription_id}/${local.name}"), 0, 5)
  tags   = merge({ application = "azcops", environment = "shared", managed_by = "terraform" }, var.tags)
}

module "resource_group" {
  source = "../modules/resource_group"

  name     = local.name
  location = var.location
  tags     = local.tags
}

module "remote_state" {
  source = "../modules/remote_state"

  name                = local.name
  suffix              = local.suffix
  location            = module.resource_group.location
  resource_group_name = module.resource_group.name
  tags                = local.tags
  contributors        = merge({ terraform = data.azurerm_client_config.current.object_id }, var.contributors)
  allowed_ip_ranges   = var.allowed_ip_ranges
}

# For the image, which has to be somewhere before an environment can start. Pulling and pushing go by Entra ID.
resource "azurerm_container_registry" "this" {
  name                   = "acr${local.name}${local.suffix}"
  location               = module.resource_group.location
  resource_group_name    = module.resource_group.name
  sku                    = "Basic"
  admin_enabled          = false
  anonymous_pull_enabled = false
  tags                   = local.tags
}
