data "azurerm_client_config" "current" {}

locals {
  name = "azcops-dev"
  # The same on every machine, and another in every subscription.
  suffix    = substr(sha1("${var.subscription_id}/${local.name}"), 0, 5)
  tenant_id = data.azurerm_client_config.current.tenant_id
  tags      = merge({ application = "azcops", environment = "dev", managed_by = "terraform" }, var.tags)
}

module "resource_group" {
  source = "../../modules/resource_group"

  name     = local.name
  location = var.location
  tags     = local.tags
}

module "networking" {
  source = "../../modules/networking"

  name                = local.name
  location            = module.resource_group.location
  resource_group_name = module.resource_group.name
  tags                = local.tags
}

module "keyvault" {
  source = "../../modules/keyvault"

  name                       = local.name
  suffix                     = local.suffix
  location                   = module.resource_group.location
  resource_group_name        = module.resource_group.name
  tags                       = local.tags
  tenant_id                  = local.tenant_id
  subnet_id                  = module.networking.subnet_ids.storage
  private_dns_zone_id        = module.networking.private_dns_zone_ids.keyvault
  secret_writers             = merge({ terraform = data.azurerm_client_config.current.object_id }, var.secret_writers)
  allowed_ip_ranges          = var.terraform_ip_ranges
  purge_protection_enabled   = false
  soft_delete_retention_days = 7
}

module "postgresql" {
  source = "../../modules/postgresql"

  name                 = local.name
  suffix               = local.suffix
  location             = module.resource_group.location
  resource_group_name  = module.resource_group.name
  tags                 = local.tags
  tenant_id            = local.tenant_id
  delegated_subnet_id  = module.networking.subnet_ids.db
  private_dns_zone_id  = module.networking.private_dns_zone_ids.postgresql
  key_vault_id         = module.keyvault.id
  password_version     = var.password_version
  entra_administrators = var.database_administrators
  sku_name             = "B_Standard_B2s"
}

module "storage" {
  source = "../../modules/storage"

  name                 = local.name
  suffix               = local.suffix
  location             = module.resource_group.location
  resource_group_name  = module.resource_group.name
  tags                 = local.tags
  subnet_id            = module.networking.subnet_ids.storage
  private_dns_zone_ids = module.networking.private_dns_zone_ids
  replication_type     = "LRS"
  soft_delete_days     = 7
}

module "identity" {
  source = "../../modules/identity"

  name                  = local.name
  location              = module.resource_group.location
  resource_group_name   = module.resource_group.name
  tags                  = local.tags
  reader_scopes         = coalescelist(var.reader_scopes, ["/subscriptions/${var.subscription_id}"])
  raw_container_id      = module.storage.raw_container_id
  export_container_ids  = var.export_container_ids
  database_url_secrets  = module.postgresql.database_url_secrets
  container_registry_id = var.container_registry_id
}

module "container_apps" {
  source = "../../modules/container_apps"

  name                      = local.name
  location                  = module.resource_group.location
  resource_group_name       = module.resource_group.name
  tags                      = local.tags
  subscription_id           = var.subscription_id
  subnet_id                 = module.networking.subnet_ids.app
  virtual_network_id        = module.networking.virtual_network_id
  image                     = var.image
  container_registry_server = var.container_registry_id == null ? null : split("/", var.image)[0]
  identities                = module.identity.identities
  database_url_secrets      = module.postgresql.database_url_secrets
  password_version          = module.postgresql.password_version
  raw_storage_url           = module.storage.raw_storage_url
  internal                  = var.api_internal
  allowed_ip_ranges         = var.api_ip_ranges
  environment_variables     = var.environment_variables
  run_migrations            = var.run_migrations

  auth = {
    issuers        = ["https://login.microsoftonline.com/${local.tenant_id}/v2.0"]
    audiences      = [var.api_client_id]
    home_tenant_id = local.tenant_id
  }
}

module "monitoring" {
  source = "../../modules/monitoring"

  name                  = local.name
  location              = module.resource_group.location
  resource_group_name   = module.resource_group.name
  tags                  = local.tags
  resource_group_id     = module.resource_group.id
  budget_amount         = var.budget_amount
  budget_contact_emails = var.budget_contact_emails

  diagnostics = {
    container-apps = {
      resource_id = module.container_apps.environment_id
      logs        = ["ContainerAppConsoleLogs", "ContainerAppSystemLogs"]
      metrics     = false
    }
    postgresql = {
      resource_id = module.postgresql.id
      logs        = ["PostgreSQLLogs"]
      metrics     = true
    }
    keyvault = {
      resource_id = module.keyvault.id
      logs        = ["AuditEvent"]
      metrics     = false
    }
    storage = {
      resource_id = "${module.storage.account_id}/blobServices/default"
      logs        = ["StorageRead", "StorageWrite", "StorageDelete"]
      metrics     = false
    }
  }
}
