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

variable "subnet_id" {
  type        = string
  description = "Subnet of the private endpoints."
}

variable "private_dns_zone_ids" {
  type = object({
    blob = string
    dfs  = string
  })
  description = "Zones privatelink.blob.core.windows.net and privatelink.dfs.core.windows.net of the network."
}

variable "replication_type" {
  type        = string
  description = "LRS keeps three copies in one data centre, ZRS in three zones, GZRS also in the paired region."
  default     = "ZRS"

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.replication_type)
    error_message = "Use LRS, ZRS, GRS or GZRS."
  }
}

variable "soft_delete_days" {
  type        = number
  description = "How long a deleted raw page, or the deleted container, can be recovered."
  default     = 30

  validation {
    condition     = var.soft_delete_days >= 1 && var.soft_delete_days <= 365
    error_message = "Azure keeps deleted blobs 1 to 365 days."
  }
}

variable "cool_after_days" {
  type        = number
  description = "Raw pages move to the cool tier this many days after they were written; they are read again only when a window is repeated or somebody audits."
  default     = 30

  validation {
    condition     = var.cool_after_days >= 1
    error_message = "Use at least one day; windows of a running ingestion read their own pages."
  }
}

variable "delete_after_days" {
  type        = number
  description = "Raw pages are deleted this many days after they were written; null keeps them for ever."
  default     = null

  validation {
    # Terraform does not stop at the first part of an or.
    condition     = coalesce(var.delete_after_days, 100000) >= var.cool_after_days + 30
    error_message = "Keep pages for 30 days in the cool tier at least; Azure bills those days anyhow."
  }
}
