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

variable "address_space" {
  type        = string
  description = "Address range of the virtual network; choose another where it is peered with one that overlaps."
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.address_space, 0))
    error_message = "Write a range in CIDR notation: 10.0.0.0/16."
  }
}

variable "subnets" {
  type = object({
    api     = string
    db      = string
    storage = string
    app     = string
  })
  description = "Address ranges of the subnets, within address_space. What each is for is in the README."
  default = {
    api     = "10.0.0.0/24"
    db      = "10.0.1.0/24"
    storage = "10.0.2.0/24"
    app     = "10.0.4.0/23"
  }

  validation {
    condition     = alltrue([for range in values(var.subnets) : can(cidrhost(range, 0))])
    error_message = "Write every subnet in CIDR notation: 10.0.1.0/24."
  }

  validation {
    condition     = try(tonumber(split("/", var.subnets.app)[1]) <= 27, false)
    error_message = "The app subnet must be /27 or larger: Container Apps takes twelve addresses and doubles the rest while a revision is replaced."
  }

  validation {
    condition     = try(tonumber(split("/", var.subnets.db)[1]) <= 28, false)
    error_message = "The db subnet must be /28 or larger, as PostgreSQL Flexible Server asks for."
  }
}
