# No password is in the state or in a plan: they are made while Terraform runs, written into the vault by a write-only
# argument, and only read back by whoever may read the secret.

ephemeral "random_password" "this" {
  for_each = local.logins

  length  = 32
  special = false
}

resource "azurerm_key_vault_secret" "owner_password" {
  name             = "postgresql-owner-password"
  key_vault_id     = var.key_vault_id
  content_type     = "password of ${local.logins.owner}"
  value_wo         = ephemeral.random_password.this["owner"].result
  value_wo_version = var.password_version
  tags             = var.tags
}

# What the server gets is read back from the vault, so that an apply that broke off between the two cannot leave them
# with different passwords. The name comes out of the id because the id is unknown until the secret exists: until then
# there is nothing to read, and Terraform waits.
ephemeral "azurerm_key_vault_secret" "owner_password" {
  name         = split("/", azurerm_key_vault_secret.owner_password.versionless_id)[4]
  key_vault_id = var.key_vault_id
}

# The migration makes these two logins, with the passwords that their connection strings hold.
resource "azurerm_key_vault_secret" "database_url" {
  for_each = local.logins

  name         = "database-${each.key}-url"
  key_vault_id = var.key_vault_id
  content_type = "connection string of ${each.value}"
  value_wo = format(
    "postgresql://%s:%s@%s:5432/%s?sslmode=verify-full",
    each.value,
    each.key == "owner" ? ephemeral.azurerm_key_vault_secret.owner_password.value : ephemeral.random_password.this[each.key].result,
    azurerm_postgresql_flexible_server.this.fqdn,
    local.database,
  )
  value_wo_version = var.password_version
  tags             = var.tags
}
