import pytest

from tunesmith.storage.files.secret_files import is_secret_file

SECRET = """
token hf_token .token api.token token.txt token.json TOKEN.TXT Token.json token.prod.json
github-token.txt .vault-token access_token.json token.pickle secrets.yaml secrets.yml
secrets.json secrets.toml secrets.env secret.json SECRETS.YAML conf/secrets.prod.yaml
.streamlit/secrets.toml secrets_local.ini credentials credentials.json gcp-credentials.json
application_default_credentials.json client_secret_123-abc.apps.googleusercontent.com.json
my-service-account.json service_account.json serviceAccountKey.json
prod-service-account-key.json password.txt passwords.txt db_password .htpasswd .pgpass .netrc
_netrc .npmrc api_key.txt apikey.txt openai-api-key api_keys.json kaggle.json prod.tfvars
x.auto.tfvars.json terraform.tfstate terraform.tfstate.backup server.pem Server.PEM a.key a.p12
a.ppk id_rsa id_ed25519.pub .env .env.local prod.env .aws/credentials .ssh/config
home/.kube/config secrets.yaml.bak secrets.yml~ server.pem.orig .env~ .env-prod .env_local .envrc
token.txt.old~ app-firebase-adminsdk-x1.json
"""
PLAIN = """
tokenizer.json tokenizer_config.json special_tokens_map.json added_tokens.json tokens.txt
token_counts.json max_tokens.yaml pad_token.json eos_token_id.txt vocab.json tokenization.md
token.md secrets.md password-policy.rst secret.js token.ts Token.java password.html tokens
keys.json keyboard.yaml key.txt monkey.txt config.yaml environment.yaml env.yaml train.sh
config.yaml.bak train.py~ token.py.bak tokenizer.json.orig environment.yml.old .environment
secretary.txt passwordless.toml credentialed.json service.json accounts.json kube/config
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_a_name_that_says_secret_by_a_whole_word_is_one(name: str) -> None:
    assert is_secret_file(name)
    assert is_secret_file(f"some/folder/{name}")


@pytest.mark.parametrize("name", PLAIN.split())
def test_a_name_that_only_sounds_like_a_secret_is_none(name: str) -> None:
    assert not is_secret_file(name)
