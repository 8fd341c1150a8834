# Photos of an album by the time they were taken, and by their owner.
module "table" {
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

  key_arn   = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  hash_key  = "album"
  range_key = "taken_at"

  attributes = {
    album    = "S"
    taken_at = "N"
    owner    = "S"
  }

  global_secondary_indexes = {
    by-owner = { hash_key = "owner", range_key = "taken_at" }
  }
}
