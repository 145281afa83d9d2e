import pytest

from tunesmith.flags.secret_names import is_secret_name

SECRET = """
api_key apiKey api-key API_KEY APIKey apikey hf_token hfToken HFToken token TOKEN access_token
auth_token use_auth_token roboflow_token github_token password db-password dbPassword
db.password passwd passphrase pwd secret client_secret AWS_SECRET_ACCESS_KEY aws_access_key_id
awsSecretAccessKey wandb_api_key WANDB_KEY openai_key private_key secret_key credentials
password2 api_key_prod token_value
"""
PLAIN = """
max_tokens maxTokens tokens n_tokens num_tokens tokenizer tokenize token_dim token_dropout
pad_token eos_token mask_token cls_token placeholder_token initializer_token eos_token_id
n_keys num_key key keys key_size key_dim keyboard monkey n_key_value_heads use_key
password_length min_password has_password no_token secret_dim secretary tokens_per_batch
per_token max_token x lr passes key_file token_path
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_a_flag_is_a_secret_by_a_whole_word_of_its_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", [*PLAIN.split(), "", "_", "---", "ü"])
def test_a_flag_whose_name_only_contains_such_a_word_is_none(name: str) -> None:
    assert not is_secret_name(name)
