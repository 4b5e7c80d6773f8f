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

variable "subnet_id" {
  type        = string
  description = "Subnet delegated to Microsoft.App/environments."
}

variable "virtual_network_id" {
  type        = string
  description = "Network that resolves an internal API."
}

variable "subscription_id" {
  type        = string
  description = "Subscription of the jobs, for the command that starts the migration."
}

variable "image" {
  type        = string
  description = "The AzCops image, with a tag or a digest."

  validation {
    condition     = can(regex("^[^:@ ]+(:[0-9]+)?(/[^:@ ]+)+(:[^:@ ]+|@sha256:[0-9a-f]{64})$", var.image)) && !endswith(var.image, ":latest")
    error_message = "Write registry/repository:version or registry/repository@sha256:…; latest would be another image tomorrow, and no migration would run for it."
  }
}

variable "container_registry_server" {
  type        = string
  description = "Login server of the registry, which the identities may pull from; null where the image is public."
  default     = null
}

variable "identities" {
  type = map(object({
    id        = string
    client_id = string
  }))
  description = "User-assigned identities of ingestion, api and migrate."

  validation {
    condition     = toset(keys(var.identities)) == toset(["api", "ingestion", "migrate"])
    error_message = "Hand over the identities api, ingestion and migrate: the output of the identity module."
  }
}

variable "database_url_secrets" {
  type = object({
    owner  = object({ uri = string })
    api    = object({ uri = string })
    worker = object({ uri = string })
  })
  description = "Key Vault secrets with the connection strings, without version, so that a new one is picked up."
}

variable "password_version" {
  type        = number
  description = "Version of the passwords; a new one runs the migration again, which tells the database."
}

variable "raw_storage_url" {
  type        = string
  description = "Where ingestion writes raw pages."

  validation {
    condition     = startswith(var.raw_storage_url, "abfss://")
    error_message = "Write abfss://container@account.dfs.core.windows.net."
  }
}

variable "auth" {
  type = object({
    issuers        = list(string)
    audiences      = list(string)
    home_tenant_id = string
  })
  description = "Whose tokens the API accepts: AUTH_ISSUERS, AUTH_AUDIENCES, AUTH_HOME_TENANT_ID."

  validation {
    condition     = length(var.auth.issuers) > 0 && alltrue([for issuer in var.auth.issuers : startswith(issuer, "https://")])
    error_message = "Every issuer begins with https://, e.g. https://login.microsoftonline.com/<tenant id>/v2.0."
  }

  validation {
    condition     = length(var.auth.audiences) > 0 && alltrue([for audience in var.auth.audiences : audience != ""])
    error_message = "Name the audience of the API's tokens: the client id of its application in Entra ID."
  }
}

variable "internal" {
  type        = bool
  description = "The API is reachable from the virtual network and its peers alone. Changing it replaces the environment."
  default     = false
}

variable "allowed_ip_ranges" {
  type        = list(string)
  description = "Who may call the API, as IPv4 ranges; everybody else gets 403 before a token is looked at. Empty: anybody with a token."
  default     = []

  validation {
    condition     = alltrue([for range in var.allowed_ip_ranges : can(cidrhost(range, 0))])
    error_message = "Write ranges in CIDR notation, a single address with /32: 203.0.113.7/32."
  }
}

variable "zone_redundant" {
  type        = bool
  description = "Replicas are spread over zones. Changing it replaces the environment."
  default     = false
}

variable "api" {
  type = object({
    cpu          = optional(number, 0.25)
    memory       = optional(string, "0.5Gi")
    min_replicas = optional(number, 1)
    max_replicas = optional(number, 3)
  })
  description = "Size and number of API replicas; each keeps ten database connections."
  default     = {}

  validation {
    condition     = var.api.max_replicas >= max(1, var.api.min_replicas)
    error_message = "max_replicas must be at least 1 and at least min_replicas."
  }
}

variable "ingestion" {
  type = object({
    cpu          = optional(number, 0.5)
    memory       = optional(string, "1Gi")
    min_replicas = optional(number, 0)
    max_replicas = optional(number, 2)
    concurrency  = optional(number, 10)
  })
  description = "Size and number of workers, and windows in work per worker; each keeps 10 database connections and one for every window."
  default     = {}

  validation {
    condition     = var.ingestion.max_replicas >= max(1, var.ingestion.min_replicas)
    error_message = "max_replicas must be at least 1 and at least min_replicas."
  }

  validation {
    condition     = var.ingestion.concurrency >= 1 && var.ingestion.concurrency <= 100
    error_message = "AzCops works on 1 to 100 windows at once."
  }
}

variable "schedules" {
  type = object({
    full        = optional(string, "0 2 * * *")
    incremental = optional(string, "0 0-1,3-23 * * *")
  })
  description = "When the daily and the hourly job run: cron in UTC. By default the hourly one leaves the daily one's hour alone."
  default     = {}

  validation {
    condition     = alltrue([for schedule in values(var.schedules) : can(regex("^(\\S+ ){4}\\S+$", schedule))])
    error_message = "Write five cron fields, in UTC: minute hour day month weekday."
  }
}

variable "environment_variables" {
  type        = map(string)
  description = "Further variables of .env.example for every process, e.g. RETENTION_COST_MONTHS. No secrets: they would be in the state."
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : !can(regex("SECRET|PASSWORD|DATABASE_.*URL", name))])
    error_message = "Secrets do not belong here; put them into the vault and reference them."
  }
}

variable "run_migrations" {
  type        = bool
  description = "Start the migration with the Azure CLI and wait for it whenever image or passwords change. Without the CLI set it to false and start the job by hand before the apps can work."
  default     = true
}
