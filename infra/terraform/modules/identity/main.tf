locals {
  # What `ingestion doctor` asks for, and no more.
  reader_roles = ["Reader", "Cost Management Reader", "Monitoring Reader"]

  # Only the migration sees the owner's login.
  secrets = {
    ingestion-worker = { identity = "ingestion", secret_id = var.database_url_secrets.worker.id }
    api-api          = { identity = "api", secret_id = var.database_url_secrets.api.id }
    migrate-owner    = { identity = "migrate", secret_id = var.database_url_secrets.owner.id }
    migrate-api      = { identity = "migrate", secret_id = var.database_url_secrets.api.id }
    migrate-worker   = { identity = "migrate", secret_id = var.database_url_secrets.worker.id }
  }
}

resource "azurerm_user_assigned_identity" "this" {
  for_each = toset(["ingestion", "api", "migrate"])

  name                = "id-${var.name}-${each.key}"
  location            = var.location
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_role_assignment" "reader" {
  for_each = { for pair in setproduct(var.reader_scopes, local.reader_roles) : "${pair[0]} ${pair[1]}" => pair }

  scope                = each.value[0]
  role_definition_name = each.value[1]
  principal_id         = azurerm_user_assigned_identity.this["ingestion"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "raw_writer" {
  scope                = var.raw_container_id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.this["ingestion"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "export_reader" {
  for_each = var.export_container_ids

  scope                = each.value
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.this["ingestion"].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "secret_reader" {
  for_each = local.secrets

  scope                = each.value.secret_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.this[each.value.identity].principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_role_assignment" "image_puller" {
  for_each = { for key, identity in azurerm_user_assigned_identity.this : key => identity if var.container_registry_id != null }

  scope                = var.container_registry_id
  role_definition_name = "AcrPull"
  principal_id         = each.value.principal_id
  principal_type       = "ServicePrincipal"
}

# Rights take a while to be known everywhere; an app that starts before them is refused its secrets.
resource "time_sleep" "rights" {
  create_duration = "90s"
  triggers = {
    assignments = join(",", sort(concat(
      [for assignment in azurerm_role_assignment.secret_reader : assignment.id],
      [for assignment in azurerm_role_assignment.image_puller : assignment.id],
    )))
  }
}
