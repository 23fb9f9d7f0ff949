"""Are groups treated alike, and are all of them there?"""
