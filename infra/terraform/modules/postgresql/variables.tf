variable "name" {
  type        = string
  description = "Workload and environment, e.g. azcops-dev; every resource is named after it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 15
    error_message = "Use at most 15 lower-case letters, digits and single hyphens, beginning with a letter: azcops-dev."
  }
}

variable "location" {
  type        = string
  description = "Azure region, in its short form."

  validation {
    condition     = can(regex("^[a-z0-9]+$", var.location))
    error_message = "Use the short form, westeurope instead of West Europe: az account list-locations --query '[].name'."
  }
}

variable "resource_group_name" {
  type        = string
  description = "Resource group that everything is created in."
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource."
  default     = {}
}

variable "suffix" {
  type        = string
  description = "Makes names that must be unique in all of Azure unique."

  validation {
    condition     = can(regex("^[a-z0-9]{3,5}$", var.suffix))
    error_message = "Use three to five lower-case letters or digits."
  }
}

variable "tenant_id" {
  type        = string
  description = "Entra tenant of the administrators."
}

variable "delegated_subnet_id" {
  type        = string
  description = "Subnet delegated to Microsoft.DBforPostgreSQL/flexibleServers; the server has no other way in."
}

variable "private_dns_zone_id" {
  type        = string
  description = "Zone ending in .postgres.database.azure.com that the network resolves."
}

variable "key_vault_id" {
  type        = string
  description = "Vault that the logins are written into; whoever runs Terraform may write secrets there and reaches it."
}

variable "password_version" {
  type        = number
  description = "Raise it to give all three logins new passwords; the next apply sets them and runs the migration, which tells the database."
  default     = 1

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "Count up in whole numbers from 1."
  }
}

variable "entra_administrators" {
  type = map(object({
    name = string
    type = string
  }))
  description = "Administrators that sign in with Entra ID instead of a password: object id → name as in Entra ID, and type. A group is best."

  validation {
    condition     = length(var.entra_administrators) > 0
    error_message = "Name at least one administrator: az ad group show --group <name> --query id."
  }

  validation {
    condition     = alltrue([for id in keys(var.entra_administrators) : can(regex("^[0-9a-fA-F-]{36}$", id))])
    error_message = "The keys are object ids of Entra ID (GUIDs): az ad group show --group <name> --query id."
  }

  validation {
    condition     = alltrue([for administrator in values(var.entra_administrators) : contains(["Group", "ServicePrincipal", "User"], administrator.type)])
    error_message = "The type of an administrator is Group, ServicePrincipal or User."
  }
}

variable "postgresql_version" {
  type        = string
  description = "Major version. 17 is what AzCops is tested with."
  default     = "17"

  validation {
    condition     = contains(["16", "17", "18"], var.postgresql_version)
    error_message = "Use 16, 17 or 18."
  }
}

variable "sku_name" {
  type        = string
  description = "Size: B_ burstable, GP_ general purpose, MO_ memory optimised."
  default     = "B_Standard_B2s"

  validation {
    condition     = can(regex("^(B|GP|MO)_Standard_[A-Z]+[0-9]+[a-z]*(_v[0-9])?$", var.sku_name))
    error_message = "Write tier and size, B_Standard_B2s or GP_Standard_D2ds_v5: az postgres flexible-server list-skus --location <region>."
  }

  validation {
    condition     = var.sku_name != "B_Standard_B1ms"
    error_message = "B1ms gives 35 connections; one API process, one worker and one run at a time need 50. Use B_Standard_B2s."
  }
}

variable "storage_mb" {
  type        = number
  description = "Storage to begin with; it grows by itself and never shrinks."
  default     = 32768

  validation {
    condition     = contains([32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304, 8388608, 16777216], var.storage_mb)
    error_message = "Azure has 32768 MB (32 GiB) and its doublings up to 16777216."
  }
}

variable "backup_retention_days" {
  type        = number
  description = "How far back the server can be restored to any point in time."
  default     = 7

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "Azure keeps backups 7 to 35 days."
  }
}

variable "geo_redundant_backup_enabled" {
  type        = bool
  description = "Backups in the paired region too; changing it replaces the server with its data."
  default     = false
}

variable "zone_redundant" {
  type        = bool
  description = "A standby in another zone; not for burstable sizes."
  default     = false

  validation {
    condition     = !(var.zone_redundant && startswith(var.sku_name, "B_"))
    error_message = "A burstable size has no standby; choose a GP_ or MO_ size or leave zone_redundant off."
  }
}
