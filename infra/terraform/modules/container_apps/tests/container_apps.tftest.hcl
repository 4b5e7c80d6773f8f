mock_provider "azurerm" {}

variables {
  name                      = "azcops-test"
  location                  = "westeurope"
  resource_group_name       = "rg-azcops-test"
  subscription_id           = "00000000-0000-0000-0000-000000000001"
  subnet_id                 = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/app"
  virtual_network_id        = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet"
  image                     = "acrazcops.azurecr.io/azcops:0.1.0"
  container_registry_server = "acrazcops.azurecr.io"
  identities = {
    api       = { id = "api", client_id = "a" }
    ingestion = { id = "ingestion", client_id = "i" }
    migrate   = { id = "migrate", client_id = "m" }
  }
  database_url_secrets = {
    owner  = { uri = "owner-uri" }
    api    = { uri = "api-uri" }
    worker = { uri = "worker-uri" }
  }
  password_version = 1
  raw_storage_url  = "abfss://raw@stazcops.dfs.core.windows.net"
  auth = {
    issuers        = ["https://login.microsoftonline.com/10000000-0000-0000-0000-000000000000/v2.0"]
    audiences      = ["30000000-0000-0000-0000-000000000000"]
    home_tenant_id = "10000000-0000-0000-0000-000000000000"
  }
}

run "hands_each_process_its_own_login" {
  command = plan

  assert {
    condition     = [for secret in azurerm_container_app.api.secret : secret.key_vault_secret_id] == ["api-uri"] && [for secret in azurerm_container_app.ingestion.secret : secret.key_vault_secret_id] == ["worker-uri"]
    error_message = "A process is handed another's login."
  }

  assert {
    condition     = alltrue([for job in azurerm_container_app_job.ingestion : [for secret in job.secret : secret.key_vault_secret_id] == ["worker-uri"]])
    error_message = "A job is handed another login than the worker's."
  }
}

run "runs_every_command_of_the_image" {
  command = plan

  assert {
    condition     = azurerm_container_app.api.template[0].container[0].args == tolist(["api"]) && azurerm_container_app.ingestion.template[0].container[0].args == tolist(["ingestion"]) && azurerm_container_app_job.migrate.template[0].container[0].args == tolist(["migrate"])
    error_message = "A process runs another command than its own."
  }

  assert {
    condition     = { for key, job in azurerm_container_app_job.ingestion : key => join(" ", job.template[0].container[0].args) } == { full = "ingestion full", incremental = "ingestion incremental", doctor = "ingestion doctor" }
    error_message = "A job runs another command than its own."
  }
}

run "runs_the_daily_and_the_hourly_job_by_the_clock" {
  command = plan

  assert {
    condition     = { for key, job in azurerm_container_app_job.ingestion : key => [for trigger in job.schedule_trigger_config : trigger.cron_expression] } == { full = ["0 2 * * *"], incremental = ["0 0-1,3-23 * * *"], doctor = [] }
    error_message = "A job is not on its schedule."
  }
}

run "admits_the_named_addresses_alone" {
  command = plan
  variables { allowed_ip_ranges = ["203.0.113.0/24"] }

  assert {
    condition     = [for rule in azurerm_container_app.api.ingress[0].ip_security_restriction : "${rule.action} ${rule.ip_address_range}"] == ["Allow 203.0.113.0/24"] && !azurerm_container_app.api.ingress[0].allow_insecure_connections
    error_message = "Others reach the API, or it answers without TLS."
  }
}

run "can_be_internal" {
  command = plan
  variables { internal = true }

  assert {
    condition     = azurerm_container_app_environment.this.internal_load_balancer_enabled && length(azurerm_private_dns_a_record.environment) == 1
    error_message = "The API is public, or its private name does not resolve."
  }
}

run "migrates_again_for_a_new_image" {
  command = plan

  assert {
    condition     = terraform_data.migration[0].triggers_replace[1] == var.image
    error_message = "A new image starts without its schema."
  }
}

run "leaves_the_migration_alone_where_asked_to" {
  command = plan
  variables { run_migrations = false }

  assert {
    condition     = length(terraform_data.migration) == 0
    error_message = "The migration is started without being asked for."
  }
}

run "refuses_an_image_that_changes_under_its_name" {
  command = plan
  variables { image = "acrazcops.azurecr.io/azcops:latest" }
  expect_failures = [var.image]
}

run "refuses_an_image_without_version" {
  command = plan
  variables { image = "acrazcops.azurecr.io/azcops" }
  expect_failures = [var.image]
}

run "refuses_secrets_in_plain_variables" {
  command = plan
  variables { environment_variables = { AZURE_CLIENT_SECRET = "x" } }
  expect_failures = [var.environment_variables]
}

run "refuses_a_schedule_of_six_fields" {
  command = plan
  variables { schedules = { full = "0 0 2 * * *" } }
  expect_failures = [var.schedules]
}

run "refuses_no_audience" {
  command = plan
  variables { auth = { issuers = ["https://login.microsoftonline.com/x/v2.0"], audiences = [""], home_tenant_id = "x" } }
  expect_failures = [var.auth]
}
