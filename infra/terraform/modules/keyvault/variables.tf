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
  description = "Entra tenant whose identities may be granted rights on the vault."
}

variable "subnet_id" {
  type        = string
  description = "Subnet of the private endpoint."
}

variable "private_dns_zone_id" {
  type        = string
  description = "Zone privatelink.vaultcore.azure.net of the network."
}

variable "secret_writers" {
  type        = map(string)
  description = "Who may write secrets: a name of your choice → principal id. Whoever runs Terraform must be among them."

  validation {
    condition     = length(var.secret_writers) > 0
    error_message = "Name at least who runs Terraform; nobody else can write the database logins into the vault."
  }
}

variable "allowed_ip_ranges" {
  type        = list(string)
  description = "Public addresses that may reach the vault, e.g. of the machine that runs Terraform. Empty: the private endpoint alone."
  default     = []

  validation {
    condition     = alltrue([for range in var.allowed_ip_ranges : can(regex("^[0-9.]+(/[0-9]+)?$", range)) && range != "0.0.0.0/0"])
    error_message = "Write IPv4 addresses or ranges, 203.0.113.7 or 203.0.113.0/24, and not the whole internet."
  }
}

variable "purge_protection_enabled" {
  type        = bool
  description = "Deleted secrets stay recoverable for soft_delete_retention_days whoever wants them gone. It can never be switched off again; on for production."
  default     = true
}

variable "soft_delete_retention_days" {
  type        = number
  description = "How long deleted secrets and the deleted vault can be recovered; fixed at creation."
  default     = 90

  validation {
    condition     = var.soft_delete_retention_days >= 7 && var.soft_delete_retention_days <= 90
    error_message = "Azure keeps deleted secrets 7 to 90 days."
  }
}
