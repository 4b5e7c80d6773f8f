terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.73"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # Partial: account and container are in backend.hcl, as ../../bootstrap prints it.
  backend "azurerm" {
    key              = "azcops-dev.tfstate"
    use_azuread_auth = true
  }
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true

  # Only these, where registering needs rights on the subscription; az provider register does it ahead of time.
  resource_provider_registrations = "none"
  resource_providers_to_register = [
    "Microsoft.App",
    "Microsoft.Consumption",
    "Microsoft.DBforPostgreSQL",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
  ]

  features {
    key_vault {
      # A destroyed development environment can be made again under the same names at once.
      purge_soft_delete_on_destroy    = true
      recover_soft_deleted_key_vaults = true
    }

    storage {
      # The account has no public endpoint; everything is configured through Resource Manager.
      data_plane_available = false
    }
  }
}
