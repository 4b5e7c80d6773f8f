variable "subscription_id" {
  type        = string
  description = "Subscription that states and images are kept in: az account show --query id."

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "Give the subscription's id, not its name: az account show --query id."
  }
}

variable "location" {
  type        = string
  description = "Azure region, in its short form."
  default     = "westeurope"
}

variable "contributors" {
  type        = map(string)
  description = "Who else may plan and apply: a name of your choice → principal id."
  default     = {}
}

variable "allowed_ip_ranges" {
  type        = list(string)
  description = "Public addresses that may reach the state. Empty: any, with a token of a contributor."
  default     = []
}

variable "tags" {
  type        = map(string)
  description = "Further tags of every resource."
  default     = {}
}
