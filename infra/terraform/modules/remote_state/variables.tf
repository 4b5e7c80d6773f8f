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

variable "contributors" {
  type        = map(string)
  description = "Who may plan and apply: a name of your choice → principal id. People are best given as a group."

  validation {
    condition     = length(var.contributors) > 0
    error_message = "Name at least whoever runs Terraform; shared keys are off, so nobody else reaches the state."
  }
}

variable "allowed_ip_ranges" {
  type        = list(string)
  description = "Public addresses that may reach the state. Empty: any, with an Entra ID token of a contributor."
  default     = []

  validation {
    condition     = alltrue([for range in var.allowed_ip_ranges : can(regex("^[0-9.]+(/([0-9]|[12][0-9]|30))?$", range))])
    error_message = "Write IPv4 addresses or ranges up to /30: 203.0.113.7 or 203.0.113.0/24. Storage does not take /31 and /32."
  }
}

variable "replication_type" {
  type        = string
  description = "A lost state is a day of work: GZRS or GRS keep a copy in the paired region."
  default     = "GRS"

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.replication_type)
    error_message = "Use LRS, ZRS, GRS or GZRS."
  }
}
