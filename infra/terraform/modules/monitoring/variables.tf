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

variable "resource_group_id" {
  type        = string
  description = "Resource group that the budget watches."
}

variable "retention_in_days" {
  type        = number
  description = "How long logs are kept."
  default     = 30

  validation {
    condition     = var.retention_in_days >= 30 && var.retention_in_days <= 730
    error_message = "Log Analytics keeps logs 30 to 730 days; the first 30 cost nothing."
  }
}

variable "daily_quota_gb" {
  type        = number
  description = "Logs beyond this a day are dropped, so that a loop of errors costs no fortune; -1 has no limit."
  default     = 1

  validation {
    condition     = var.daily_quota_gb == -1 || var.daily_quota_gb > 0
    error_message = "Use a positive number of GB, or -1 for no limit."
  }
}

variable "diagnostics" {
  type = map(object({
    resource_id = string
    logs        = list(string)
    metrics     = bool
  }))
  description = "Whose logs and metrics are kept: a name of your choice → resource and its log categories."
  default     = {}
}

variable "budget_amount" {
  type        = number
  description = "Monthly budget of AzCops itself, in the currency of the billing account."

  validation {
    condition     = var.budget_amount > 0
    error_message = "Use a positive amount; the README says what an environment costs."
  }
}

variable "budget_contact_emails" {
  type        = list(string)
  description = "Who is told when half, eight tenths or all of the budget is spent, or is forecast to be exceeded."

  validation {
    condition     = length(var.budget_contact_emails) > 0 && alltrue([for email in var.budget_contact_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "Give at least one e-mail address; a budget that tells nobody is none."
  }
}
