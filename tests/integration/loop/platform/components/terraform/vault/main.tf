# A component whose output is a secret.
terraform {
  required_version = ">= 1.11"
}

variable "secret" {
  type        = string
  description = "What must not be seen."
  sensitive   = true
}

variable "tags" {
  type        = map(string)
  description = "Tags."
  default     = {}
}

resource "terraform_data" "this" {
  input = "SECRET-${var.secret}"
}

output "secret" {
  description = "The secret, derived, so that it is unknown until it is made."
  value       = terraform_data.this.output
  sensitive   = true
}
