"""Methods x sources x seeds: which synthesizer serves these tables best?"""
