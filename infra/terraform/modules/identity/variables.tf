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

variable "reader_scopes" {
  type        = set(string)
  description = "What ingestion reads: subscriptions, or management groups above them."

  validation {
    condition     = length(var.reader_scopes) > 0
    error_message = "Name at least one subscription or management group; without it there is nothing to read."
  }

  validation {
    condition = alltrue([
      for scope in var.reader_scopes :
      can(regex("^/subscriptions/[0-9a-fA-F-]{36}$", scope)) || can(regex("^/providers/Microsoft.Management/managementGroups/[^/]+$", scope))
    ])
    error_message = "Write /subscriptions/<id> or /providers/Microsoft.Management/managementGroups/<name>."
  }
}

variable "raw_container_id" {
  type        = string
  description = "Container that ingestion writes raw pages into."
}

variable "export_container_ids" {
  type        = set(string)
  description = "Containers with exports of Cost Management that ingestion may read."
  default     = []
}

variable "database_url_secrets" {
  type = object({
    owner  = object({ id = string })
    api    = object({ id = string })
    worker = object({ id = string })
  })
  description = "The secrets with the connection strings; each identity may read its own alone."
}

variable "container_registry_id" {
  type        = string
  description = "Azure Container Registry that the image is pulled from; null where the image is public."
  default     = null
}
