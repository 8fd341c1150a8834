variable "cluster_name" {
  description = "Name of the cluster."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.cluster_name))
    error_message = "cluster_name must be the name of a cluster, not its ARN."
  }
}

variable "volume_key_arn" {
  description = "ARN of the KMS key that encrypts volumes of pods."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.volume_key_arn))
    error_message = "volume_key_arn must be the ARN of a KMS key (not of an alias)."
  }
}

variable "addon_versions" {
  description = "Versions of the add-ons that AWS manages, by name; one that is left out gets AWS's default for the cluster."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.addon_versions), ["aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"])) == 0
    error_message = "addon_versions may name aws-ebs-csi-driver, coredns, eks-pod-identity-agent, kube-proxy and vpc-cni."
  }

  validation {
    condition     = alltrue([for version in values(var.addon_versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", version))])
    error_message = "addon_versions must look like v1.19.2-eksbuild.1."
  }
}

variable "addons" {
  description = "What Argo CD installs into the cluster. Terraform makes the roles and hands the settings on (output gitops)."
  type = object({
    argocd = optional(object({
      enabled = optional(bool, false)
      ha      = optional(bool)
      ingress = optional(object({ host = string, internal = optional(bool, true) }))
      rbac = optional(object({
        default_role = optional(string, "")
        policies     = optional(list(string), [])
      }), {})
    }), {})
    backstage = optional(object({
      enabled  = optional(bool, false)
      image    = optional(string)
      ingress  = optional(object({ host = string, internal = optional(bool, true) }))
      database = optional(object({ host = string, secret = string }))
    }), {})
    prometheus = optional(object({
      enabled   = optional(bool, false)
      retention = optional(string, "15d")
      storage   = optional(string, "50Gi")
    }), {})
    grafana = optional(object({
      enabled      = optional(bool, false)
      ingress      = optional(object({ host = string, internal = optional(bool, true) }))
      admin_secret = optional(string, "grafana-admin")
    }), {})
    loki = optional(object({
      enabled        = optional(bool, false)
      bucket         = optional(string)
      key_arn        = optional(string)
      retention_days = optional(number, 30)
    }), {})
    jaeger = optional(object({
      enabled        = optional(bool, false)
      storage        = optional(string, "memory")
      endpoint       = optional(string)
      retention_days = optional(number, 7)
    }), {})
    gatekeeper = optional(object({
      enabled     = optional(bool, false)
      enforcement = optional(string, "deny")
    }), {})
    flagger = optional(object({
      enabled = optional(bool, false)
      mesh    = optional(string, "gatewayapi:v1")
    }), {})
    external_secrets = optional(object({
      enabled     = optional(bool, false)
      secret_arns = optional(list(string), [])
      key_arns    = optional(list(string), [])
    }), {})
  })
  default = {}

  validation {
    condition     = !(var.stage == "prod" && var.addons.argocd.enabled && var.addons.argocd.ha == false)
    error_message = "argocd.ha must not be false in prod: nothing is deployed or rolled back while it is away."
  }

  validation {
    condition     = !startswith(var.addons.argocd.rbac.default_role, "role:")
    error_message = "argocd.rbac.default_role must be none of the built-in roles: role:readonly shows every tenant's applications to everybody, role:admin gives them away."
  }

  validation {
    condition     = alltrue([for one in [var.addons.argocd.ingress, var.addons.backstage.ingress, var.addons.grafana.ingress] : one == null || try(can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", one.host)), false)])
    error_message = "hosts of ingress must be full names in lower case, for example argocd.example.com."
  }

  validation {
    condition     = can(regex("^[1-9][0-9]*[hdwy]$", var.addons.prometheus.retention)) && can(regex("^[1-9][0-9]*(Gi|Ti)$", var.addons.prometheus.storage))
    error_message = "prometheus.retention must be a time such as 15d, and prometheus.storage a size such as 50Gi."
  }

  validation {
    condition     = !var.addons.backstage.enabled || (var.addons.backstage.database != null && var.addons.backstage.image != null)
    error_message = "backstage needs an image of your own (the chart's is a demo) and a database: the one in its chart keeps nothing safe."
  }

  validation {
    condition     = !var.addons.loki.enabled || (var.addons.loki.bucket != null && var.addons.loki.key_arn != null)
    error_message = "loki needs a bucket and the key_arn that encrypts it."
  }

  validation {
    condition     = contains(["memory", "opensearch"], var.addons.jaeger.storage) && (var.addons.jaeger.storage != "opensearch" || var.addons.jaeger.endpoint != null) && !(var.stage == "prod" && var.addons.jaeger.enabled && var.addons.jaeger.storage == "memory")
    error_message = "jaeger.storage must be opensearch, with its endpoint, or memory, which forgets all traces at a restart and is not for prod."
  }

  validation {
    condition     = contains(["dryrun", "warn", "deny"], var.addons.gatekeeper.enforcement)
    error_message = "gatekeeper.enforcement must be dryrun, warn or deny."
  }

  validation {
    condition     = var.stage != "prod" || !var.addons.gatekeeper.enabled || var.addons.gatekeeper.enforcement == "deny"
    error_message = "gatekeeper.enforcement must be deny in prod: a rule that only warns is read by nobody."
  }

  validation {
    condition     = !var.addons.flagger.enabled || var.addons.prometheus.enabled
    error_message = "flagger needs prometheus: it decides by metrics whether a release goes on."
  }

  validation {
    condition = !var.addons.external_secrets.enabled || (
      length(var.addons.external_secrets.secret_arns) > 0 &&
      alltrue([for secret in var.addons.external_secrets.secret_arns : can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+(\\?{6})?$", secret))])
    )
    error_message = "external_secrets.secret_arns must name the secrets that it may read, one by one (six question marks may stand for the random end of an ARN)."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the roles of the add-ons; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\\w+=,.@/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy, or null."
  }
}
