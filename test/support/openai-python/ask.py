"""Asks the API server everything a Python program asks with `openai`; prints what came as one JSON object.

    python ask.py URL TOKEN PICTURE
"""
import json
import sys

import openai

url, token, picture = sys.argv[1:]
client = openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0)
hi = [{"role": "user", "content": "Hi"}]
weather = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
said = {}

said["models"] = [model.id for model in client.models.list()]
answer = client.chat.completions.create(model="demo", messages=hi)
said["chat"] = [answer.choices[0].message.content, answer.usage.total_tokens]
stream = client.chat.completions.create(model="demo", messages=hi, stream=True)
said["stream"] = [chunk.choices[0].delta.content for chunk in stream if chunk.choices[0].delta.content]
parts = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": picture}}]
client.chat.completions.create(model="demo", messages=[{"role": "user", "content": parts}])

schema = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}
form = {"type": "json_schema", "json_schema": {"name": "total", "schema": schema, "strict": True}}
client.chat.completions.create(model="demo", messages=hi, response_format=form)

called = client.chat.completions.create(model="demo", messages=[{"role": "user", "content": "tool"}], tools=[weather])
call = called.choices[0].message.tool_calls[0]
said["tool"] = [call.function.name, json.loads(call.function.arguments), called.choices[0].finish_reason]
# What came goes back as it is, with the tool's answer behind it.
turns = [*hi, called.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "rain"}]
said["after the tool"] = client.chat.completions.create(model="demo", messages=turns).choices[0].message.content

said["completion"] = client.completions.create(model="demo", prompt="Hi").choices[0].text
said["response"] = client.responses.create(model="demo", input="Hi").output_text
said["embeddings"] = [row.embedding for row in client.embeddings.create(model="demo", input=["a", "b"]).data]

try:
    client.chat.completions.create(model="other", messages=hi)
except openai.NotFoundError as error:
    said["unknown model"] = [error.status_code, error.code]
try:
    client.chat.completions.create(model="demo", messages=hi, presence_penalty=1)
except openai.BadRequestError as error:
    said["refused field"] = [error.status_code, error.code]
try:
    openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0).models.list()
except openai.AuthenticationError as error:
    said["wrong token"] = error.status_code

slow = client.chat.completions.create(model="demo", messages=[{"role": "user", "content": "slow"}], stream=True)
for chunk in slow:
    if chunk.choices[0].delta.content:
        slow.close()
        break
print(json.dumps(said))
