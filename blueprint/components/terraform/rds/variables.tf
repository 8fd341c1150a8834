variable "key_arn" {
  description = "ARN of the KMS key that encrypts the database, its backups, its master password and its insights."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.key_arn))
    error_message = "key_arn must be the ARN of a KMS key (not of an alias): data is never stored without a key of the platform."
  }
}

variable "engine" {
  description = "postgres, mysql, mariadb, aurora-postgresql or aurora-mysql."
  type        = string
  default     = "postgres"

  validation {
    condition     = contains(["postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"], var.engine)
    error_message = "engine must be postgres, mysql, mariadb, aurora-postgresql or aurora-mysql."
  }
}

variable "engine_version" {
  description = "Version of the engine, best its major version alone, for example 16: AWS updates minor ones, and refuses a plan that then names an older one."
  type        = string
  default     = "16"

  validation {
    condition     = can(regex("^[0-9]+([.][0-9a-z_]+)*$", var.engine_version))
    error_message = "engine_version must be a version, for example 16 or 8.0.mysql_aurora.3.08.2."
  }

  validation {
    condition     = try(tonumber(split(".", var.engine_version)[0]) >= { postgres = 14, aurora-postgresql = 14, mysql = 8, aurora-mysql = 8, mariadb = 10 }[var.engine], false)
    error_message = "engine_version must be PostgreSQL 14, MySQL 8 or MariaDB 10, or newer: AWS repairs no older one, or for a surcharge."
  }
}

variable "instance_class" {
  description = "Size of the database; null gives db.r6g.large in prod and a small burstable class elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.instance_class == null || can(regex("^db[.][a-z0-9]+[.][a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a class, for example db.r6g.large."
  }
}

variable "multi_az" {
  description = "Keep a standby in another zone; null does so in staging and prod. Production always does."
  type        = bool
  default     = null
}

variable "instances" {
  description = "Instances of an Aurora cluster, the writer among them; null gives 2 with multi_az and 1 without."
  type        = number
  default     = null

  validation {
    condition     = var.instances == null || try(var.instances >= 1 && var.instances <= 16 && floor(var.instances) == var.instances, false)
    error_message = "instances must be a whole number from 1 to 16."
  }
}

variable "subnet_ids" {
  description = "Ids of the isolated subnets, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must name subnets in at least two zones: a standby needs somewhere to be."
  }
}

variable "security_group_ids" {
  description = "Ids of the security groups that say who may connect."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids must name at least one group: the default group of a network lets everything in it connect."
  }
}

variable "database_name" {
  description = "Name of the first database; null makes none."
  type        = string
  default     = null

  validation {
    condition     = var.database_name == null || can(regex("^[a-z][a-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name must be 1 to 63 lower-case letters, digits and underscores, and begin with a letter."
  }
}

variable "master_username" {
  description = "Name of the master user; its password is made and rotated by Secrets Manager and never seen by Terraform."
  type        = string
  default     = "dbadmin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.master_username)) && !contains(["admin", "postgres", "root", "rdsadmin", "mysql"], var.master_username)
    error_message = "master_username must be 1 to 16 lower-case letters, digits and underscores, and not one that everybody guesses."
  }
}

variable "allocated_storage" {
  description = "GiB to begin with; Aurora grows by itself."
  type        = number
  default     = 20

  validation {
    condition     = var.allocated_storage >= 20 && var.allocated_storage <= 65536
    error_message = "allocated_storage must be 20 to 65536 GiB."
  }
}

variable "max_allocated_storage" {
  description = "GiB up to which storage grows by itself."
  type        = number
  default     = 200

  validation {
    condition     = var.max_allocated_storage >= 22 && var.max_allocated_storage <= 65536
    error_message = "max_allocated_storage must be 22 to 65536 GiB."
  }
}

variable "backup_retention_days" {
  description = "Days that one can go back, 1 to 35; null gives 14 in prod and 7 elsewhere. Production keeps 14 or more."
  type        = number
  default     = null

  validation {
    condition     = var.backup_retention_days == null || try(var.backup_retention_days >= 1 && var.backup_retention_days <= 35, false)
    error_message = "backup_retention_days must be 1 to 35: with 0 there are no backups."
  }
}

variable "backup_window" {
  description = "When backups begin, in UTC."
  type        = string
  default     = "02:00-03:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "backup_window must be two times, for example 02:00-03:00."
  }
}

variable "maintenance_window" {
  description = "When AWS may restart the database, in UTC; not in the backup window."
  type        = string
  default     = "sun:04:00-sun:05:00"

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must be two days with their times, for example sun:04:00-sun:05:00."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the database; null protects production only. Production always is."
  type        = bool
  default     = null
}

variable "database_insights_mode" {
  description = "standard keeps 7 days of query statistics, advanced 15 months; null is standard."
  type        = string
  default     = null

  validation {
    condition     = var.database_insights_mode == null || try(contains(["standard", "advanced"], var.database_insights_mode), false)
    error_message = "database_insights_mode must be standard or advanced."
  }
}

variable "monitoring_interval" {
  description = "Seconds between measurements of the operating system: 1, 5, 10, 15, 30 or 60."
  type        = number
  default     = 60

  validation {
    condition     = contains([1, 5, 10, 15, 30, 60], var.monitoring_interval)
    error_message = "monitoring_interval must be 1, 5, 10, 15, 30 or 60: with 0 nobody sees why a database is slow."
  }
}

variable "parameters" {
  description = "Parameters of the engine; TLS is forced whatever they say."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "ARN of the boundary of the monitoring role; null for none."
  type        = string
  default     = null
}

variable "alarm_topic_arns" {
  description = "ARNs of the SNS topics that hear when the database is in trouble. Production has at least one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "alarm_topic_arns must be ARNs of topics."
  }

  validation {
    condition     = var.stage != "prod" || length(var.alarm_topic_arns) > 0
    error_message = "alarm_topic_arns must name a topic in prod: a database that fills up tells nobody else."
  }
}
