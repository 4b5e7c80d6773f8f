locals {
  # Every variable is in .env.example.
  common_variables = merge({
    AZURE_SANDBOX = "off"
    HOST          = "0.0.0.0"
    LOG_FORMAT    = "json"
  }, var.environment_variables)

  api_variables = merge(local.common_variables, {
    PORT                = tostring(local.api_port)
    AUTH_ISSUERS        = join(",", var.auth.issuers)
    AUTH_AUDIENCES      = join(",", var.auth.audiences)
    AUTH_HOME_TENANT_ID = var.auth.home_tenant_id
  })

  ingestion_variables = merge(local.common_variables, {
    AZURE_TENANT_ID       = var.auth.home_tenant_id
    AZURE_CLIENT_ID       = var.identities["ingestion"].client_id
    RAW_STORAGE_URL       = var.raw_storage_url
    INGESTION_CONCURRENCY = tostring(var.ingestion.concurrency)
    SCHEDULE_FULL         = var.schedules.full
    SCHEDULE_INCREMENTAL  = var.schedules.incremental
  })

  api_port     = 3000
  metrics_port = 9465
}

resource "azurerm_container_app_environment" "this" {
  name                               = "cae-${var.name}"
  location                           = var.location
  resource_group_name                = var.resource_group_name
  infrastructure_resource_group_name = "rg-${var.name}-managed"
  infrastructure_subnet_id           = var.subnet_id
  internal_load_balancer_enabled     = var.internal
  public_network_access              = var.internal ? "Disabled" : "Enabled"
  zone_redundancy_enabled            = var.zone_redundant
  # By diagnostic settings, which need no key of the workspace.
  logs_destination = "azure-monitor"
  tags             = var.tags

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}

# An internal environment has a name that only a zone of one's own resolves.
resource "azurerm_private_dns_zone" "environment" {
  count = var.internal ? 1 : 0

  name                = azurerm_container_app_environment.this.default_domain
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_private_dns_a_record" "environment" {
  count = var.internal ? 1 : 0

  name                = "*"
  zone_name           = azurerm_private_dns_zone.environment[0].name
  resource_group_name = var.resource_group_name
  ttl                 = 300
  records             = [azurerm_container_app_environment.this.static_ip_address]
}

resource "azurerm_private_dns_zone_virtual_network_link" "environment" {
  count = var.internal ? 1 : 0

  name                  = "link-${var.name}-environment"
  resource_group_name   = var.resource_group_name
  private_dns_zone_name = azurerm_private_dns_zone.environment[0].name
  virtual_network_id    = var.virtual_network_id
  tags                  = var.tags
}
