terraform {
  required_version = ">= 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.73"
    }
  }

  # No backend: what it makes is where states are kept. Its own state moves there afterwards; the README says how.
}

provider "azurerm" {
  subscription_id                 = var.subscription_id
  storage_use_azuread             = true
  resource_provider_registrations = "none"
  resource_providers_to_register  = ["Microsoft.ContainerRegistry", "Microsoft.Storage"]

  features {
    storage {
      data_plane_available = false
    }
  }
}
