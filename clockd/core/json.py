"""What a document of JSON is made of, as the types of Python that it is read into."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
