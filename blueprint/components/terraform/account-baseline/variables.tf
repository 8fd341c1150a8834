variable "key_arn" {
  description = "ARN of the KMS key that encrypts the trail, its logs, the audit bucket and new disks; its policy must let cloudtrail, config and logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): what happened is never stored without a key of the platform."
  }
}

variable "main_region" {
  description = "Whether this is the account's main region, whose instance also has what an account has once: the trail of all regions, the password policy, the block on public buckets, and the record of identities. Each further region has an instance with false."
  type        = bool
  default     = true
}

variable "audit_days" {
  description = "Days that the trail and the configuration history are kept, 365 or more."
  type        = number
  default     = 2557

  validation {
    condition     = var.audit_days >= 365 && floor(var.audit_days) == var.audit_days
    error_message = "audit_days must be 365 or more: a break-in is found after half a year on average."
  }
}

variable "guardduty_features" {
  description = "What GuardDuty also looks at."
  type        = list(string)
  default     = ["S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "EKS_AUDIT_LOGS"]

  validation {
    condition = alltrue([
      for feature in var.guardduty_features :
      contains(["S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS", "EKS_AUDIT_LOGS"], feature)
    ])
    error_message = "guardduty_features may hold S3_DATA_EVENTS, EBS_MALWARE_PROTECTION, RDS_LOGIN_EVENTS, LAMBDA_NETWORK_LOGS and EKS_AUDIT_LOGS."
  }

  validation {
    condition     = var.stage != "prod" || length(setsubtract(["S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "EKS_AUDIT_LOGS"], var.guardduty_features)) == 0
    error_message = "guardduty_features must have S3_DATA_EVENTS, RDS_LOGIN_EVENTS and EKS_AUDIT_LOGS in prod: there lies what somebody would steal."
  }
}

variable "security_standards" {
  description = "Standards that Security Hub holds the region to, as AWS names them behind standards/."
  type        = list(string)
  default     = ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/3.0.0"]

  validation {
    condition     = alltrue([for standard in var.security_standards : can(regex("^(aws-foundational-security-best-practices|aws-resource-tagging-standard|cis-aws-foundations-benchmark|nist-800-(53|171)|pci-dss)/v/[0-9]+[.][0-9]+[.][0-9]+$", standard))])
    error_message = "security_standards must be standards of AWS with their version, for example cis-aws-foundations-benchmark/v/3.0.0."
  }

  validation {
    condition     = var.stage != "prod" || length(setsubtract(["aws-foundational-security-best-practices/v/1.0.0"], var.security_standards)) == 0 && anytrue([for standard in var.security_standards : startswith(standard, "cis-aws-foundations-benchmark/v/")])
    error_message = "security_standards must have aws-foundational-security-best-practices/v/1.0.0 and a cis-aws-foundations-benchmark in prod: what is not asked for, nobody finds."
  }
}

variable "config_rules" {
  description = "Rules of AWS that Config holds every resource to, by name."
  type = map(object({
    identifier  = string
    description = string
    parameters  = optional(map(string), {})
  }))
  default = {
    root-mfa             = { identifier = "ROOT_ACCOUNT_MFA_ENABLED", description = "The account root has MFA." }
    root-keys            = { identifier = "IAM_ROOT_ACCESS_KEY_CHECK", description = "The account root has no access keys." }
    user-mfa             = { identifier = "IAM_USER_MFA_ENABLED", description = "Users have MFA." }
    no-full-admin        = { identifier = "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", description = "No policy allows everything." }
    ssh-closed           = { identifier = "INCOMING_SSH_DISABLED", description = "No security group lets the world in by SSH." }
    volumes-encrypted    = { identifier = "ENCRYPTED_VOLUMES", description = "Attached disks are encrypted." }
    databases-encrypted  = { identifier = "RDS_STORAGE_ENCRYPTED", description = "Databases are encrypted." }
    databases-private    = { identifier = "RDS_INSTANCE_PUBLIC_ACCESS_CHECK", description = "Databases are not public." }
    buckets-tls          = { identifier = "S3_BUCKET_SSL_REQUESTS_ONLY", description = "Buckets refuse requests without TLS." }
    keys-rotate          = { identifier = "CMK_BACKING_KEY_ROTATION_ENABLED", description = "Keys rotate." }
    certificates-current = { identifier = "ACM_CERTIFICATE_EXPIRATION_CHECK", description = "Certificates last another month.", parameters = { daysToExpiration = "30" } }
  }

  validation {
    condition     = alltrue([for rule in var.config_rules : can(regex("^[A-Z0-9_]+$", rule.identifier))])
    error_message = "the identifier of a rule is AWS's own, for example ROOT_ACCOUNT_MFA_ENABLED."
  }

  validation {
    condition = var.stage != "prod" || length(setsubtract(
      ["ROOT_ACCOUNT_MFA_ENABLED", "IAM_ROOT_ACCESS_KEY_CHECK", "INCOMING_SSH_DISABLED", "S3_BUCKET_SSL_REQUESTS_ONLY"],
      [for rule in var.config_rules : rule.identifier],
    )) == 0
    error_message = "config_rules must have ROOT_ACCOUNT_MFA_ENABLED, IAM_ROOT_ACCESS_KEY_CHECK, INCOMING_SSH_DISABLED and S3_BUCKET_SSL_REQUESTS_ONLY in prod: add to the rules, and leave these."
  }
}

variable "log_bucket" {
  description = "Name of the bucket of the same account and region that gets the access logs of the audit bucket, best log_bucket_name of its tfstate-backend; null logs none. Production always does, or says in log_exempt why not."
  type        = string
  default     = null

  validation {
    condition     = var.log_bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.log_bucket))
    error_message = "log_bucket must be the name of a bucket: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "log_exempt" {
  description = "Why nobody needs to know who reads the audit bucket; null where log_bucket is given, and outside production."
  type        = string
  default     = null

  validation {
    condition     = var.log_exempt == null || can(regex("[[:alpha:]]+( +[[:alpha:]]+){3}", var.log_exempt))
    error_message = "log_exempt must be a reason of four words or more: somebody will read it after a break-in."
  }

  validation {
    condition     = var.log_exempt == null || var.log_bucket == null
    error_message = "log_exempt is for accounts without a log_bucket: set one of the two."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the roles; null for none."
  type        = string
  default     = null
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear of what the trail shows: the root at work, sign-ins without MFA or refused, somebody who stops what watches or removes a key. Production has at least one, in its main region."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "alarm_topic_arns must be ARNs of topics."
  }

  validation {
    condition     = var.stage != "prod" || !var.main_region || length(var.alarm_topic_arns) > 0
    error_message = "alarm_topic_arns must name a topic in prod: a break-in that nobody hears of lasts half a year on average."
  }
}
