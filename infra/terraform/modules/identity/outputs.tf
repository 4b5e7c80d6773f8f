output "identities" {
  description = "Identities of ingestion, api and migrate: id to run as, client_id for AZURE_CLIENT_ID, principal_id for further roles."
  value = {
    for key, identity in azurerm_user_assigned_identity.this : key => {
      id           = identity.id
      client_id    = identity.client_id
      principal_id = identity.principal_id
    }
  }
  depends_on = [time_sleep.rights]
}
