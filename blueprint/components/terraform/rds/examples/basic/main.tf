# A Postgres database of production, and an Aurora cluster of development.
module "database" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "prod"
  region      = "us-east-1"
  name        = "photos"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-photos"
    tenant      = "acme"
    stage       = "prod"
    service     = "photos"
  }

  alarm_topic_arns   = ["arn:aws:sns:us-east-1:123456789012:acme-use1-prod-alarms"]
  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  security_group_ids = ["sg-0a"]
  database_name      = "photos"
}

module "cluster" {
  source = "../.."

  tenant      = "acme"
  environment = "use1"
  stage       = "dev"
  region      = "us-east-1"
  name        = "albums"

  tags = {
    cost-center = "cc-1234"
    owner       = "team-albums"
    tenant      = "acme"
    stage       = "dev"
    service     = "albums"
  }

  key_arn            = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  security_group_ids = ["sg-0a"]
  engine             = "aurora-mysql"
  engine_version     = "8.0.mysql_aurora.3.08.2"
}
