#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **words)
{
    double rate = 0.02;
    for (int i = 1; i < count - 1; i++)
        if (!strcmp(words[i], "--lr"))
            rate = atof(words[i + 1]);
    printf("loss: %f\n", (rate - 0.3) * (rate - 0.3));
    return 0;
}
