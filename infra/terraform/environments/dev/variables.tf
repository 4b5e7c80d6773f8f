variable "subscription_id" {
  type        = string
  description = "Subscription that AzCops runs in: az account show --query id."

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

variable "tags" {
  type        = map(string)
  description = "Further tags of every resource, e.g. cost_center."
  default     = {}
}

variable "reader_scopes" {
  type        = list(string)
  description = "What AzCops reads: /subscriptions/<id> or /providers/Microsoft.Management/managementGroups/<name>. Empty: the subscription that it runs in."
  default     = []
}

variable "export_container_ids" {
  type        = set(string)
  description = "Resource ids of containers with exports of Cost Management that AzCops may import."
  default     = []
}

variable "image" {
  type        = string
  description = "The AzCops image with its version, e.g. <registry>.azurecr.io/azcops:0.1.0."
}

variable "container_registry_id" {
  type        = string
  description = "Resource id of the Azure Container Registry that the image is in, as ../../bootstrap prints it; null where the image is public."
  default     = null

  validation {
    condition     = var.container_registry_id == null || can(regex("^/subscriptions/.+/Microsoft.ContainerRegistry/registries/[^/]+$", var.container_registry_id))
    error_message = "Give the resource id, not the name: az acr show --name <registry> --query id."
  }
}

variable "api_client_id" {
  type        = string
  description = "Client id of the application in Entra ID that stands for the API; tokens must be issued for it."

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.api_client_id))
    error_message = "Give the client id (appId), a GUID: az ad app list --display-name azcops --query '[].appId'."
  }
}

variable "api_ip_ranges" {
  type        = list(string)
  description = "Who may call the API, as IPv4 ranges in CIDR notation. Say [\"0.0.0.0/0\"] to let anybody with a token in."

  validation {
    condition     = length(var.api_ip_ranges) > 0
    error_message = "Name who may call the API, e.g. [\"203.0.113.0/24\"]; [\"0.0.0.0/0\"] is anybody with a token."
  }
}

variable "api_internal" {
  type        = bool
  description = "The API is reachable from the virtual network and its peers alone. Changing it replaces the Container Apps environment."
  default     = false
}

variable "terraform_ip_ranges" {
  type        = list(string)
  description = "Public address of the machine that runs Terraform, which writes the database logins into the vault. Empty where it runs in the network."
}

variable "secret_writers" {
  type        = map(string)
  description = "Who else runs Terraform or reads the logins: a name of your choice → principal id. Whoever applies is among them anyhow."
  default     = {}
}

variable "database_administrators" {
  type = map(object({
    name = string
    type = string
  }))
  description = "Who administers PostgreSQL with Entra ID: object id → name and type (Group, User, ServicePrincipal)."
}

variable "password_version" {
  type        = number
  description = "Raise it to change the passwords of all database logins."
  default     = 1
}

variable "environment_variables" {
  type        = map(string)
  description = "Further variables of .env.example for every process, no secrets."
  default     = {}
}

variable "run_migrations" {
  type        = bool
  description = "Whether apply starts the migration with the Azure CLI; false where there is none, and you start the job by hand."
  default     = true
}

variable "budget_amount" {
  type        = number
  description = "Monthly budget of this environment, in the currency of the billing account."
  default     = 200
}

variable "budget_contact_emails" {
  type        = list(string)
  description = "Who is told when the budget is spent or will be."
}
